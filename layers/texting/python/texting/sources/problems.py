"""What a person must look at before a visit may be texted about: codes, each with a sentence for staff.

A source names problems and decides nothing; `rules.appointments` holds what has one (and finds the last code itself).
"""

START_MISSING = "start_missing"
START_UNREADABLE = "start_unreadable"
START_IMPLAUSIBLE = "start_implausible"
START_WITHOUT_ZONE = "start_without_zone"
START_IN_GAP = "start_in_gap"
START_TWICE = "start_twice"
END_BEFORE_START = "end_before_start"
ZONE_UNKNOWN = "zone_unknown"
ZONE_CONTRADICTS_OFFSET = "zone_contradicts_offset"
PATIENT_MISSING = "patient_missing"
SEVERAL_PATIENTS = "several_patients"
PATIENT_NOT_ATTENDING = "patient_not_attending"
PATIENT_DECLINED = "patient_declined"
PATIENT_REPLACED = "patient_replaced"
PATIENT_DIED = "patient_died"
RESTRICTED = "restricted"
REVIVES_CANCELLED = "revives_cancelled"

SENTENCES = {
    START_MISSING: "The visit came without a start time; enter it in the scheduling system and save the visit again.",
    START_UNREADABLE: "The visit's start time could not be read; save the visit again in the scheduling system.",
    START_IMPLAUSIBLE: "The visit's start lies in a year that cannot be meant; correct it in the scheduling system.",
    START_WITHOUT_ZONE: "The visit's start came without a zone; set time_zone for this connection in practice.toml.",
    START_IN_GAP: "Clocks go forward over the visit's start, so that time does not exist that day; correct it.",
    START_TWICE: "Clocks go back over the visit's start, so that time comes twice that day; say which one is meant.",
    END_BEFORE_START: "The visit ends before it starts; correct it in the scheduling system.",
    ZONE_UNKNOWN: "The visit's time zone is none we know; the sender must use a name like America/Chicago.",
    ZONE_CONTRADICTS_OFFSET: "The visit's time zone and offset disagree, so its start has two readings; correct it.",
    PATIENT_MISSING: "The visit came without a patient we can tell apart; link it to a patient and save it again.",
    SEVERAL_PATIENTS: "The visit is for more than one patient; text them yourself, or book a visit for each.",
    PATIENT_NOT_ATTENDING: "The visit is about a patient who need not come; text them yourself if they should know.",
    PATIENT_DECLINED: "The patient declined a visit that the scheduling system still holds; clear it up with them.",
    PATIENT_REPLACED: "The patient's record was merged into another; link the visit to that one and save it again.",
    PATIENT_DIED: "The scheduling system says the patient has died; everything to them has been stopped.",
    RESTRICTED: "The visit is marked as restricted; nothing is texted about it unless you do so yourself.",
    REVIVES_CANCELLED: "A cancelled visit was sent as standing, in no order we can tell; say whether it takes place.",
}
"""What staff read for each code. None of them names anybody."""
