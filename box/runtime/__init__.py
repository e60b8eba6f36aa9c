"""What AWS does around our functions, done here: pollers, schedules, rules, topics, dead letters and the REST front.

The wiring is read from the CloudFormation templates that `app.py` synthesizes, and from nowhere else. What a
template asks for and the box cannot give is refused by name; what it leaves out on purpose is printed
(`makers.NOT_SIMULATED`).
"""
