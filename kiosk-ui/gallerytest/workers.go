package gallerytest

import (
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/station"
)

// change is a step from what a Situation becomes.
type change = func(*flow.Situation)

func notices(codes ...string) step {
	return is(func(s *flow.Situation) {
		s.Notices = nil
		for _, c := range codes {
			s.Notices = append(s.Notices, noticeOf(c))
		}
	})
}

// noticeOf is a notice with what its words name.
func noticeOf(code string) flow.Notice {
	n := flow.Notice{Code: code, Grave: true, Args: map[string]string{}}
	switch code {
	case "tampered", "switch-open":
		n.Args["switch"] = "box-door"
	case "clock-wrong":
		n.Args["how"], n.Grave = "wrong-day", false
	case "signed-already":
		n.Args["number"] = "2"
	case "unknown":
		n.Plain, n.Do = "reading the panel: input/output error", "call for help"
	case "paper-low-slips", "paper-low-receipts", "owed", "on-battery", "worker-called":
		n.Grave = false
	}
	return n
}

// counts are those of a station in the afternoon.
var (
	none   = flow.Counts{Registered: 1243}
	shown  = flow.Counts{Registered: 1243, Attended: 518, Cast: 518, Sessions: 541, Challenged: 14, Abandoned: 9, SlipsPrinted: 536, SlipsVoided: 18}
	partly = flow.Counts{Registered: 1243, Attended: 518, Cast: 518, Sessions: -1, Challenged: -1, Abandoned: -1, SlipsPrinted: -1, SlipsVoided: -1}
)

func counted(c flow.Counts) step { return is(func(s *flow.Situation) { s.Counts = &c }) }

// The poll workers' ways.
var (
	unopened  = way(at(station.Unopened), counted(none), ready, press("workers"))
	idle      = way(at(station.Idle), counted(partly), press("workers"))
	suspended = way(at(station.Idle), at(station.Suspended), stopped(station.Suspended, station.WorkerStopped), counted(shown), press("workers"))
	closed    = way(at(station.Closed), counted(shown), press("workers"))
	slipFault = way(at(station.Idle), stopped(station.Halted, station.SlipFault), press("workers"))
	opened    = way(unopened, press("open"))
	exporting = way(closed, is(func(s *flow.Situation) { s.Media = sticks }), press("export:1"))
	secondPIN = way(opened, cards(flow.Open, 2, 1), asked(flow.OfficialPIN))
	numbered  = way(idle, press("identify"), typed("A123456789"))
)

var sticks = []flow.Medium{
	{Source: "/dev/sdb1", Name: "Kingston DataTraveler 3.0", Bytes: 31_016_853_504}, {Source: "/dev/sdc1", Name: "Transcend JetFlash", Bytes: 15_597_568_000, Protected: true},
}

// cards says that an act waits for poll workers, and how many have come.
func cards(a flow.Act, need int, have ...int) step {
	return is(func(s *flow.Situation) {
		s.Act, s.Need, s.Have, s.Ask, s.Said, s.Done = a, need, have, flow.OfficialCard, nil, flow.NoAct
	})
}

func asked(a flow.Ask) step {
	return is(func(s *flow.Situation) { s.Ask, s.CardIn, s.Tries = a, a == flow.OfficialPIN, -1 })
}

// said says why the last act, or the last card, did not do.
func said(code string) step {
	return is(func(s *flow.Situation) {
		n := noticeOf(code)
		s.Said = &n
	})
}

// did ends an act that was done.
func did(a flow.Act, place station.Place) step {
	return is(func(s *flow.Situation) {
		s.Act, s.Have, s.Ask, s.Done, s.CardIn, s.State = flow.NoAct, nil, flow.Nothing, a, true, station.State{At: place}
	})
}

// failed ends an act that was not done.
func failed(code string) []step {
	return way(is(func(s *flow.Situation) { s.Act, s.Have, s.Ask = flow.NoAct, nil, flow.Nothing }), said(code))
}

// fault is a station that has stopped, with what is behind it.
func fault(place station.Place, f station.Fault, problem string, due flow.Due) []step {
	return way(at(station.Idle), is(func(s *flow.Situation) {
		s.State, s.SlipDue = station.State{At: place, Fault: f}, due
		if place == station.Suspended {
			c := shown
			s.Counts = &c
		}
		if problem != "" {
			n := noticeOf(problem)
			s.Problem = &n
		}
	}), press("workers"))
}

// workersScenes are what poll workers can see, in the order of a day.
func workersScenes() []Scene {
	wrong := func(tries int) change {
		return func(s *flow.Situation) { s.WrongPIN, s.Tries = true, tries }
	}
	phase := func(p flow.Phase) step { return is(func(s *flow.Situation) { s.Phase = p }) }
	scenes := []Scene{
		{Name: "workers-starting", way: way(phase(flow.Starting))},
		{Name: "workers-locked", way: way(phase(flow.Locked))},
		{Name: "workers-locked-wrong", ID: "workers-locked", way: way(phase(flow.Locked), typed("abc"), press("enter"), said("passphrase-wrong"))},
		{Name: "workers-not-started", way: way(is(func(s *flow.Situation) {
			s.Phase, s.Report = flow.NotStarted, report("receipt-printer-cover-open", "medium-absent")
		}))},
		{Name: "workers-not-started-copies", ID: "workers-not-started", way: way(is(func(s *flow.Situation) {
			s.Phase, s.Report = flow.NotStarted, report("databases-differ", "clock-wrong")
		}))},
		{Name: "workers-unopened", way: unopened},
		{Name: "workers-readiness", way: way(unopened, press("readiness"))},
		{Name: "workers-readiness-fault", ID: "workers-readiness", way: way(unopened, is(func(s *flow.Situation) { s.Report = report("slip-printer-paper-out", "clock-wrong") }), press("readiness"))},
		{Name: "workers-counts-before", ID: "workers-counts", way: way(unopened, press("counts"))},
		{Name: "workers-paper", way: way(unopened, press("paper"))},
		{Name: "workers-paper-slip", way: way(unopened, press("paper", "paper-slip"))},
		{Name: "workers-paper-receipt", way: way(unopened, notices("receipt-printer-paper-out"), press("paper", "paper-receipt"))},
		{Name: "workers-card", way: way(opened, cards(flow.Open, 2))},
		{Name: "workers-card-second", ID: "workers-card", way: way(opened, cards(flow.Open, 2, 1))},
		{Name: "workers-card-wrong", ID: "workers-card", way: way(opened, cards(flow.Open, 2, 1), is(func(s *flow.Situation) { s.CardIn = true }), said("card-not-official"))},
		{Name: "workers-card-same", ID: "workers-card", way: way(opened, cards(flow.Open, 2, 2), is(func(s *flow.Situation) { s.CardIn = true }), said("signed-already"))},
		{Name: "workers-card-only", ID: "workers-card", way: way(exporting, press("medium:1"), cards(flow.Export, 1))},
		{Name: "workers-pin", way: secondPIN},
		{Name: "workers-pin-typed", ID: "workers-pin", way: way(secondPIN, typed("123456"))},
		{Name: "workers-pin-wrong", ID: "workers-pin", way: way(secondPIN, typed("123456"), press("enter"), is(wrong(2)))},
		{Name: "workers-pin-wrong-last", ID: "workers-pin", way: way(secondPIN, typed("123456"), press("enter"), is(wrong(1)))},
		{Name: "workers-pin-blocked", way: way(secondPIN, typed("123456"), press("enter"), is(func(s *flow.Situation) { s.WrongPIN, s.Blocked, s.Tries = true, true, 0 }))},
		{Name: "workers-working", way: way(opened, cards(flow.Open, 2, 1), is(func(s *flow.Situation) { s.Ask = flow.Nothing }))},
		{Name: "workers-done-open", ID: "workers-done", way: way(opened, cards(flow.Open, 2, 1), did(flow.Open, station.Idle))},
		{Name: "workers-not-done-open", ID: "workers-not-done", way: way(opened, cards(flow.Open, 2, 1), failed("receipt-printer-paper-out"))},
		{Name: "workers-idle", way: idle},
		{Name: "workers-idle-notices", ID: "workers-idle", way: way(idle, notices("worker-called", "on-battery", "clock-wrong", "paper-low-slips"))},
		{Name: "workers-counts", way: way(idle, press("counts"))},
		{Name: "workers-paper-suspend", way: way(idle, press("paper"))},
		{Name: "workers-identify", way: way(idle, press("identify"))},
		{Name: "workers-identify-typed", ID: "workers-identify", way: numbered},
		{Name: "workers-identify-reason", way: way(numbered, press("enter"))},
		{Name: "workers-identify-check", way: way(numbered, press("enter", "reason:card-damaged"))},
		{Name: "workers-identify-card", ID: "workers-card", way: way(numbered, press("enter", "reason:card-damaged", "identify-yes"), cards(flow.Identify, 2))},
		{Name: "workers-not-done-identify", ID: "workers-not-done", way: way(numbered, press("enter", "reason:card-damaged", "identify-yes"), cards(flow.Identify, 2, 1), failed("has-voted"))},
		{Name: "workers-suspended", way: suspended},
		{Name: "workers-counts-suspended", ID: "workers-counts", way: way(suspended, press("counts"))},
		{Name: "workers-suspended-start", ID: "workers-suspended", way: fault(station.Suspended, station.NoFault, "", flow.NotDue)},
		{Name: "workers-suspended-printer", ID: "workers-suspended", way: way(fault(station.Suspended, station.PrinterFault, "", flow.NotDue), notices("slip-printer-paper-out"))},
		{Name: "workers-suspended-owed", ID: "workers-suspended", way: way(fault(station.Suspended, station.PrinterFault, "", flow.NotDue), notices("receipt-printer-cutter", "owed"))},
		{Name: "workers-idle-reader", ID: "workers-idle", way: way(idle, notices("card-reader-lost"))},
		{Name: "workers-suspended-panel", ID: "workers-suspended", way: way(suspended, notices("panel-lost"))},
		{Name: "workers-suspended-tampered", ID: "workers-suspended", way: way(suspended, notices("tampered"))},
		{Name: "workers-done-clear", ID: "workers-done", way: way(suspended, notices("tampered"), press("clear"), cards(flow.Clear, 2, 1), did(flow.Clear, station.Suspended))},
		{Name: "workers-done-resume", ID: "workers-done", way: way(suspended, press("resume"), cards(flow.Resume, 2, 1), did(flow.Resume, station.Idle))},
		{Name: "workers-not-done-resume", ID: "workers-not-done", way: way(suspended, press("resume"), cards(flow.Resume, 2, 1), failed("switch-open"))},
		{Name: "workers-halted-slip-window", ID: "workers-halted", way: fault(station.Halted, station.SlipFault, "slip-stuck-window", flow.DueInBox)},
		{Name: "workers-halted-slip-between", ID: "workers-halted", way: fault(station.Halted, station.SlipFault, "slip-stuck-between", flow.DueInSpoiled)},
		{Name: "workers-halted-slip-bin", ID: "workers-halted", way: fault(station.Halted, station.SlipFault, "slip-wrong-bin", flow.DueInBox)},
		{Name: "workers-halted-storage", ID: "workers-halted", way: fault(station.Halted, station.StorageFault, "storage", flow.NotDue)},
		{Name: "workers-halted-machine", ID: "workers-halted", way: fault(station.Halted, station.MachineFault, "machine-fault", flow.NotDue)},
		{Name: "workers-halted-impossible", ID: "workers-halted", way: fault(station.Halted, station.Impossible, "impossible", flow.NotDue)},
		{Name: "workers-done-restart", ID: "workers-done", way: way(slipFault, press("restart"), cards(flow.Restart, 2, 1), did(flow.Restart, station.Suspended))},
		{Name: "workers-not-done-restart", ID: "workers-not-done", way: way(slipFault, press("restart"), cards(flow.Restart, 2, 1), failed("databases-differ"))},
		{Name: "workers-close", way: way(suspended, press("close"))},
		{Name: "workers-close-card", ID: "workers-card", way: way(suspended, press("close", "close-yes"), cards(flow.Close, 2))},
		{Name: "workers-done-close", ID: "workers-done", way: way(suspended, press("close", "close-yes"), cards(flow.Close, 2, 1), did(flow.Close, station.Closed))},
		{Name: "workers-closed", way: closed},
		{Name: "workers-media", way: exporting},
		{Name: "workers-media-none", ID: "workers-media", way: way(closed, press("export:1"))},
		{Name: "workers-done-export", ID: "workers-done", way: way(exporting, press("medium:1"), cards(flow.Export, 1), did(flow.Export, station.Closed))},
		{Name: "workers-not-done-export", ID: "workers-not-done", way: way(exporting, press("medium:2"), cards(flow.Export, 1), failed("medium-protected"))},
		{Name: "workers-closed-one", ID: "workers-closed", way: way(closed, is(func(s *flow.Situation) { s.Exported[0] = true }))},
		{Name: "workers-closed-both", ID: "workers-closed", way: way(closed, is(func(s *flow.Situation) { s.Exported = [2]bool{true, true} }))},
		{Name: "workers-done-reprint", ID: "workers-done", way: way(closed, press("reprint"), cards(flow.Reprint, 1), did(flow.Reprint, station.Closed))},
		{Name: "workers-unopened-rehearsal", ID: "workers-unopened", setup: rehearsal, way: unopened},
		{Name: "workers-halted-rehearsal", ID: "workers-halted", setup: rehearsal, way: fault(station.Halted, station.SlipFault, "slip-stuck-window", flow.DueInBox)},
		{Name: "workers-closed-test-deck", ID: "workers-closed", setup: deck, way: closed},
	}
	return scenes
}

// noticeScenes are a station that tells of one thing each.
func noticeScenes() []Scene {
	var scenes []Scene
	for _, c := range flow.NoticeCodes() {
		scenes = append(scenes, Scene{Name: "notice-" + c, ID: "workers-suspended", way: way(suspended, notices(c))})
	}
	return scenes
}

// ready has a self-test that found everything in order.
var ready = is(func(s *flow.Situation) { s.Report = report() })

// report is that of a self-test, with these faults. Parts and what was found
// are those of the program.
func report(faults ...string) []flow.Finding {
	lines := []flow.Finding{
		{Part: "election", OK: true, What: "live, 09007-010-0001-0001"},
		{Part: "key", OK: true, What: "sealed by the TPM, and opened"},
		{Part: "package", OK: true, What: "1243 voters"},
		{Part: "card reader", OK: true, What: "ACS ACR39U ICC Reader 00 00"},
		{Part: "slip printer", OK: true, What: "ready"},
		{Part: "receipt printer", OK: true, What: "ready"},
		{Part: "panel", OK: true, What: "doors and covers are closed, the window is empty"},
		{Part: "database", OK: true, What: "both copies are equal; roll, boxes and program are as they should be"},
		{Part: "media", OK: true, What: "they can be mounted"},
		{Part: "clock", OK: true, What: "2021-12-17 23:12 UTC"},
		{Part: "log", OK: true, What: "both copies are equal; entries: 41"},
	}
	parts := map[string]string{
		"receipt-printer-cover-open": "receipt printer", "slip-printer-paper-out": "slip printer", "medium-absent": "media", "databases-differ": "database", "clock-wrong": "clock",
	}
	for _, code := range faults {
		for i := range lines {
			if lines[i].Part == parts[code] {
				lines[i] = flow.Finding{Part: parts[code], Notice: noticeOf(code)}
			}
		}
	}
	return lines
}
