"""Phrases with one meaning, whatever their words mean alone."""

CLEAR_PHRASES: dict[str, str] = {
    "IT Support": """
        dual monitor, external monitor, second monitor, new monitor, my monitor, computer mouse, wireless mouse,
        microsoft teams, ms teams, teams call, teams meeting, teams channel, windows update, windows 10, windows 11,
        windows login, email account, user account, account is locked, account locked, locked account, error message,
        error code, black screen, blue screen, screen is black, screen is blank, screen is frozen, screen stays,
        screen goes, screen flickers, screen is broken, screen does, locked out of my account, locked out of the
        account, account is blocked, account is disabled, account has expired, account was locked, share my screen,
        touch screen, phone line, phone is broken, phone is dead, phone system, excel file, excel sheet, outlook
        calendar, shared drive, shared folder, network drive, docking station, two factor, single sign on, remote
        desktop, can t log in, cannot log in, can not log in, unable to log in, spam folder, spam mails, computer
        virus, my inbox, receive emails, receive email, send emails, send email, email is down, emails are, network
        cable, network is down, network outage, app crashes, app keeps crashing
    """,
    "HR": """
        parental leave, maternity leave, paternity leave, sick leave, annual leave, unpaid leave, medical leave,
        special leave, leave request, leave requests, request leave, take leave, taking leave, apply for leave, ask
        for leave, book leave, leave application, leave balance, leave days, days of leave, weeks of leave, leave of
        absence, family leave, carer leave, bereavement leave, call in sick, called in sick, off sick, sick note, sick
        days, sick day, job interview, exit interview, employment contract, work contract, contract of employment,
        holiday request, holiday entitlement, holiday days, days of holiday, days holiday, holidays left, annual
        holiday, my pension, pension scheme, training course, training request, my benefits, employee benefits, hr
        department, hr policy, job applicant
    """,
    "Facilities": """
        light bulb, light bulbs, ceiling light, light switch, lights flicker, light flickers, light is flickering,
        lights are flickering, lights are out, lights are off, light is out, light is broken, the lights in, the light
        in the, lift is stuck, lift is broken, lift is out, the lift does, the lift stops, lift is not, lifts are,
        water tap, tap drips, tap is dripping, tap is leaking, kitchen tap, dripping tap, tap water, tap in the, taps
        in, office chair, desk chair, chair is broken, broken chair, standing desk, new desk, desk lamp, desks moved,
        broken desk, desk is broken, three desks, power socket, wall socket, water leak, gas leak, roof leak, is
        leaking, leaking roof, blocked sink, sink is blocked, door handle, door lock, door is stuck, door does, front
        door, main door, entrance door, door badge, fire door, office door, the door of, meeting room chairs, air
        conditioning, room temperature, temperature in the, window is broken, windows are dirty, window does not
        close, windows do not close, windows don t close, windows do not open, windows don t open, close the windows,
        open the windows, mouse in the kitchen, mice in, too cold in, too hot in, locker key, rubbish bin, bins are
        full, bin is full, recycling bin, waste bin, paper bin, plant needs water, parking space
    """,
    "Finance": """
        unpaid bill, pay the bill, paid the bill, electricity bill, phone bill, hotel bill, this bill, bank account,
        bank transfer, bank details, bank statement, credit card, credit note, debit card, charged twice, double
        charge, purchase order, travel expenses, expense report, tax office, annual audit, cost center, cost centre,
        exchange rate, direct debit, vat number, finance department, finance team, our budget, budget for, annual
        budget, receipt for
    """,
    "General": """
        an idea for, suggestion box, general feedback, visitors to our, company party, summer party
    """,
}
"""By seeded department: a phrase is strong evidence for it."""

OTHER_MEANINGS = """
    windows are open, windows were open, window is open, turn down, turned down, calm down, sit down, write down,
    on leave, my desk, my leave, service desk, help desk, it desk, support desk, info desk, news desk, desk research,
    helpdesk, servicedesk, light mode, dark mode, light theme, light or dark, dark or light, light and dark, light
    version, light blue, light green, light grey, light gray, light weight, light of, come to light, came to light,
    bring to light, light up, light lunch, light meal, light reading, light colour, light color, light traffic, green
    light, red light, leave at, leave it, leave the, leave for, leave early, leave now, leave this, leave that, leave
    them, leave me, leave us, leave you, leave open, leave out, leave off, leave behind, leave work, leave here, leave
    home, leave a, leave your, leave my desk, leave in, leave on, leave when, leave after, leave before, leave around,
    leave by, please leave, will leave, to leave, i leave, we leave, they leave, have to leave, can leave, must leave,
    leaves at, leaves the, bill board, fit the bill, tap on, tap to, tap the, taps on, double tap, tap into, when i
    tap, i tap, you tap, if i tap, tap ok, tap save, tap send, tap login, on tap, lift the, lift a ban, lift off, give
    me a lift, lift my, lift restrictions, weight lifting, chair the, chair of the, chair a, chairs the, the chair
    said, chair person, chair meetings, lock screen, lock file, locked file, file lock, account lock, caps lock, lock
    my, lock the record, lock up, page lock, key account, key point, key points, key user, key question, key value,
    key word, public key, api key, in charge, free of charge, charge the battery, charge my, pay attention, paid
    attention, paying attention, pay a visit, pay respect, bank holiday, bank holidays, river bank, memory bank, data
    bank, power bank, food bank, blood bank, bank on, power plant, potted plant, draft version, cell phone, prison
    cell, monitor the, monitor our, monitor it, monitor this, monitor progress, to monitor, we monitor, screen
    candidates, screen applicants, to screen, network event, networking event, our teams, two teams, other teams, both
    teams, all teams, sales teams, teams are, excel in, excel at, excels at, outlook for, outlook is good, economic
    outlook, crash course, car crash, phone number, phone me, call my phone, by phone, via phone, on the phone, by
    email, via email, email me, email address, per email, reply by email, an email from, an email, sent an email,
    emails sent, my last email, previous email, my email from, his email, her email, their email, last email,
    following email, your email, this email, e mail address, in general, general manager, general public, attorney
    general, general practitioner, general director, general terms, for your information, more information, further
    information, additional information, information about, any information, some information, take into account, on
    account of, account for, accounts for, account manager, by mistake, open door policy, next door, door to door, out
    of door, trial and error, human error, error on my, error in my, bin file, recycle bin, windows of time, window
    of, time window, cat and mouse, mouse over, to my credit, give credit, credit to, extra credit, at any price,
    happy holidays, holiday greetings, holiday photos, holiday card, holiday season, interview with the, leak of,
    memory leak, data leak, web socket, socket timeout, socket error, sick of, sick and tired, virus is going around,
    stomach virus, flu virus, train of, training data, training set, light touch, smart card, drive to, drive home,
    benefit from, benefits from, benefit of the doubt, contract a, promotion code, question mark, out of the question,
    no question, good question, no idea, any idea, good idea, great idea, the idea of, pension off, directions to,
    badge of honour, mould ourselves, conference call, through the roof, ceiling price, glass ceiling, tax my
    patience, vat of, receipt of, on receipt, credit where
"""
"""Phrases that are no evidence, although one of their words alone would be."""
