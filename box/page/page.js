// Asks for the page again whenever the box has changed, and puts in what is new without touching what somebody types.
"use strict";

const status = document.getElementById("status");
const desk = document.getElementById("desk");
const begun = new Map(); // thread: what of it was shown when the answer in its field was begun
const overtaken = new Set(); // threads whose writer was told who wrote since, and has not chosen yet
let token = null;
let busy = 0;

function say(words, wrong = false) {
  status.textContent = words;
  status.classList.toggle("wrong", wrong);
}

function kept(element) {
  return element.dataset !== undefined && "keep" in element.dataset;
}

function sameAttributes(from, to) {
  const ours = (name) => name === "aria-busy" || (name === "open" && from.localName === "details");
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !ours(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

// Makes `from` like `to`, keeping elements (and so focus, scrolling and half-written texts) wherever it can.
function morph(from, to) {
  if (from.nodeType !== 1) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  if (kept(from)) return;
  sameAttributes(from, to);
  const atEnd = from.scrollHeight - from.scrollTop - from.clientHeight < 24;
  let here = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const named = wanted.id ? [...from.children].find((child) => child.id === wanted.id) : null;
    const alike = here && here.nodeName === wanted.nodeName && !(here.id && here.id !== wanted.id) ? here : null;
    const match = named || alike;
    if (!match) {
      from.insertBefore(document.importNode(wanted, true), here);
      continue;
    }
    if (match !== here) here = bring(from, match, here);
    morph(match, wanted);
    here = match.nextSibling;
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
  if (atEnd && (from.classList.contains("screen") || from.classList.contains("lines"))) from.scrollTop = from.scrollHeight;
}

// Brings `match` to where `here` is. What holds the cursor stays in place and the others step behind it: moved, it would lose focus.
function bring(parent, match, here) {
  if (!match.contains(document.activeElement)) {
    parent.insertBefore(match, here);
    return here;
  }
  while (here !== match) {
    const next = here.nextSibling;
    parent.append(here);
    here = next;
  }
  return here;
}

async function refresh() {
  const answer = await fetch("/");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById("columns")) return;
  document.body.dataset.version = page.body.dataset.version;
  morph(document.getElementById("columns"), page.getElementById("columns"));
}

async function look() {
  if (document.hidden || busy) return;
  try {
    const { version } = await (await fetch("/box/version")).json();
    if (version !== document.body.dataset.version) await refresh();
    if (status.classList.contains("wrong") && status.textContent.startsWith("The box does not answer")) say("");
  } catch {
    say("The box does not answer; is it still running?", true);
  }
}

async function call(path, told, headers = {}) {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(told), headers: { "content-type": "application/json", ...headers } });
  return { ok: answer.ok, status: answer.status, told: await answer.json().catch(() => ({})) };
}

async function during(element, words, work) {
  busy += 1;
  element.setAttribute("aria-busy", "true");
  say(words);
  try {
    const problem = await work();
    say(problem || "", Boolean(problem));
  } catch {
    say("The box did not answer; its own output may say why.", true);
  } finally {
    element.removeAttribute("aria-busy");
    busy -= 1;
    await refresh();
  }
}

async function staff(path, told) {
  token ??= (await (await fetch("/box/practice")).json()).token;
  return call(path, told, { authorization: `Bearer ${token}` });
}

function node(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function choice(words, chosen, className = "") {
  const button = node("button", words, className);
  button.type = "button";
  button.addEventListener("click", chosen);
  return button;
}

// Who answers begins with what is on the page; what comes in while they type, they may not have noticed.
function begin(form) {
  const thread = form.dataset.reply;
  if (!form.elements.body.value) begun.delete(thread);
  else if (!begun.has(thread) || overtaken.has(thread)) begun.set(thread, form.dataset.seen);
  overtaken.delete(thread);
}

// Sends an answer, as a text or behind a link. What cannot go stays in its field, with the reason beneath.
async function answer(form, way = "texts") {
  const { reply: thread, seen } = form.dataset;
  const field = form.elements.body;
  const box = document.getElementById(`answer-${thread}`);
  const told = { body: field.value, author: desk.value, seen: begun.get(thread) || seen };
  const done = await staff(`/v1/threads/${thread}/${way}`, told);
  if (done.status === 409 && done.told.since) return since(form, box, way, done.told.since);
  if (!done.ok) return offer(form, box, done.told);
  if (box.contains(document.activeElement)) field.focus();
  box.replaceChildren();
  field.value = "";
  begin(form);
  await call("/box/clock", { advance: "PT0S" });
}

// The guard refused a text: say why, and offer to send it behind a link.
function offer(form, box, told) {
  const reasons = (told.refused || []).map((one) => one.sentence || String(one).replaceAll("_", " "));
  box.replaceChildren(node("p", reasons.join(" ") || told.error || told.message || "It was refused."));
  if (!told.secure_offer) return;
  box.append(choice("Send it as a secure message", () => during(box, "Sealing it behind a link …", () => answer(form, "secure"))));
}

// Somebody wrote meanwhile: show it, say who, keep the draft. It goes when its writer sends it again by choice, or changes it.
async function since(form, box, way, missed) {
  await refresh();
  overtaken.add(form.dataset.reply);
  const lines = form.closest(".thread").querySelector(".lines");
  lines.scrollTop = lines.scrollHeight;
  const last = new Map(missed.map((one) => [one.by, one.at]));
  const who = [...last].map(([by, at]) => `${wrote(by)} at ${local(at)}`).join(" and ");
  const again = choice("Send mine all the same", () => {
    overtaken.delete(form.dataset.reply);
    begun.set(form.dataset.reply, form.dataset.seen);
    during(box, "The guard reads it …", () => answer(form, way));
  });
  const choices = node("div", "", "buttons");
  choices.append(choice("Read what is new", () => lines.focus(), "quiet"), again);
  box.replaceChildren(node("p", `${who[0].toUpperCase()}${who.slice(1)}, after you began your answer. Nothing was sent, and your words are kept.`), choices);
}

function wrote(by) {
  if (by === "phone") return "a text came from the patient’s phone";
  if (by === "patient") return "the patient answered behind a link";
  const known = [...desk.options].find((one) => one.dataset.actor === by);
  return `${known ? known.textContent : "somebody else at the practice"} wrote`;
}

function local(at) {
  return new Date(at).toLocaleString("en-US", { timeZone: desk.dataset.zone, weekday: "short", hour: "numeric", minute: "2-digit" });
}

// Each open page is another person at the desk: it takes the first place that no other page of this browser holds.
async function sit() {
  for (const { value } of desk.options) {
    const free = await new Promise((tell) => navigator.locks.request(value, { ifAvailable: true }, (lock) => {
      tell(Boolean(lock));
      return lock && new Promise(() => {});
    }));
    if (free) { desk.value = value; return; }
  }
}

function tell(name, told) {
  const place = document.getElementById("told");
  const list = document.createElement("ol");
  for (const { step, evidence } of told.steps || []) {
    const item = document.createElement("li");
    item.append(node("p", `✓ ${step}`), ...evidence.map((line) => node("p", line, "evidence")));
    list.append(item);
  }
  place.replaceChildren(node("h3", name.replaceAll("-", " ")), list);
  if (!told.ok) place.append(node("p", `✗ ${told.surprise || told.error}`, "wrong"));
  place.hidden = false;
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const field = form.elements.body;
  const body = field.value;
  const phone = form.dataset.text || (form.elements.number && form.elements.number.value);
  if (phone) {
    during(form, "The text is on its way …", async () => {
      const done = await call(`/box/phones/${encodeURIComponent(phone)}/texts`, { body });
      if (!done.ok) return done.told.error;
      field.value = "";
    });
  } else if (form.dataset.reply) {
    during(form, "The guard reads it …", () => answer(form));
  }
});

document.addEventListener("input", ({ target }) => {
  if (target.form && target.form.dataset.reply) begin(target.form);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && event.target.localName === "textarea") {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || busy) return;
  const { set, advance, story, close } = button.dataset;
  if (set || advance) {
    during(button, "Time passes …", async () => {
      const done = await call("/box/clock", set ? { set } : { advance });
      if (!done.ok) return done.told.error;
    });
  } else if (story) {
    during(button, `Playing “${story.replaceAll("-", " ")}” …`, async () => {
      const done = await call(`/box/scenario/${story}`, {});
      tell(story, done.told);
      if (!done.told.ok) return "The story ended in a surprise.";
    });
  } else if (close) {
    during(button, "Closing the task …", async () => {
      const done = await staff(`/v1/tasks/${close}/close`, { outcome: "done", author: desk.value });
      if (!done.ok) return done.told.message || "The task could not be closed.";
    });
  }
});

for (const list of document.querySelectorAll(".screen, .lines")) list.scrollTop = list.scrollHeight;
if (desk && navigator.locks) sit();
setInterval(look, 1500);
