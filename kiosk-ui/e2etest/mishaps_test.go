package e2etest

import (
	"testing"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// middle is how many rows of a page are printed before something happens to it.
const middle = 300

func fault(f station.Fault) func(*flow.Situation) {
	return func(s *flow.Situation) { s.State.Fault = f }
}

func due(to flow.Due) func(*flow.Situation) { return func(s *flow.Situation) { s.SlipDue = to } }

// problem is what is behind a fault.
func problem(code string) func(*flow.Situation) {
	return func(s *flow.Situation) { s.Problem = &flow.Notice{Code: code, Grave: true} }
}

// grave are notices of what has to be dealt with.
func grave(codes ...string) []flow.Notice {
	var all []flow.Notice
	for _, code := range codes {
		all = append(all, flow.Notice{Code: code, Grave: true})
	}
	return all
}

func noPaper(s *printertest.State) { s.PaperEnd = true }

// mended lets poll workers repair everything and let the station go on, which
// has stopped at a place and says so with what is given.
func (d *day) mended(at station.Place, with ...func(*flow.Situation)) {
	d.t.Helper()
	d.remove()
	d.expects(d.say(at, with...))
	must(d.t, d.m.Booth.Repair())
	d.touch("workers")
	d.sees()
	act := map[station.Place]flow.Act{station.Suspended: flow.Resume, station.Halted: flow.Restart}[at]
	d.touch(string(act))
	if act == flow.Restart {
		d.come(act, at, station.Suspended, with...)
		d.touch("back")
		d.sees()
		d.touch("resume")
		d.come(flow.Resume, station.Suspended, station.Idle)
	} else {
		d.come(act, at, station.Idle, with...)
	}
	for d.say(at, with...).SlipDue == flow.DueInBox && len(d.m.Booth.Box()) < d.counts.Cast {
		d.m.Booth.IntoBox() // as they were told
	}
	d.touch("leave-workers")
	d.sees()
	d.toBegin()
}

// toBegin goes to the first screen from where the last voter has left it.
func (d *day) toBegin() {
	d.t.Helper()
	if leave, is := map[screen.ID]string{"insert": "back", "ended": "begin"}[d.flow.Screen().ID]; is {
		d.touch(leave)
		d.sees()
	}
}

// toSlip takes a voter to the printed slip.
func (d *day) toSlip(language string, voter int, selections ...int) {
	d.t.Helper()
	d.begin(language, d.m.Voter(voter))
	d.answer(selections)
	d.print(selections)
	d.expects(d.say(station.Deciding, cardIn))
}

// TestPaper lets paper run out before, while and after a slip is printed, and
// slips get stuck. The voter sees what to do, the poll workers what happened;
// afterwards the station goes on, and the box is right.
func TestPaper(t *testing.T) {
	if runsElsewhere(t) {
		return
	}
	d := newDay(t, 20, nil)
	d.run(t, "opening", d.open)
	d.run(t, "no paper before a session", func() {
		d.m.Booth.Slips.Set(noPaper)
		d.sees()
		d.touch("begin")
		d.sees()
		d.touch("lang:en")
		d.sees()
		d.insert(d.m.Voter(1))
		d.notices = grave("slip-printer-paper-out")
		d.expects(d.say(station.Suspended, fault(station.WorkerStopped), cardIn))
		d.mended(station.Suspended, fault(station.WorkerStopped))
	})
	d.run(t, "no paper in the middle of the slip", func() {
		d.begin("zh-Hant", d.m.Voter(1))
		d.answer([]int{1, 1, 1})
		d.m.Booth.Slips.At(middle, func() { d.m.Booth.Slips.Set(noPaper) })
		d.print([]int{1, 1, 1})
		d.counts.Abandoned++
		d.counts.SlipsVoided++
		d.notices = grave("slip-printer-paper-out")
		halted := []func(*flow.Situation){fault(station.SlipFault), due(flow.DueInSpoiled)}
		d.expects(d.say(station.Halted, append(halted, cardIn)...))
		d.mended(station.Halted, halted...)
	})
	d.run(t, "no paper in the middle of the receipt", func() {
		d.begin("id", d.m.Voter(1))
		d.answer([]int{1, 1, 1})
		d.m.Booth.Receipts.At(middle, func() { d.m.Booth.Receipts.Set(noPaper) })
		d.print([]int{1, 1, 1})
		d.counts.Abandoned++
		d.counts.SlipsVoided++
		d.notices = grave("receipt-printer-paper-out")
		d.expects(d.say(station.Suspended, fault(station.PrinterFault), cardIn))
		d.mended(station.Suspended, fault(station.PrinterFault))
	})
	d.run(t, "no paper after the slip", func() {
		d.toSlip("en", 1, 1, 2, 0)
		d.m.Booth.Slips.Set(noPaper)
		d.touch("cast")
		d.update(d.say(station.Casting, cardIn))
		d.counted([]int{1, 2, 0})
		d.notices = grave("slip-printer-paper-out")
		halted := []func(*flow.Situation){fault(station.SlipFault), due(flow.DueInBox)}
		d.expects(d.say(station.Halted, append(halted, cardIn)...))
		d.mended(station.Halted, halted...)
	})
	d.run(t, "the slip is stuck", func() {
		d.toSlip("zh-Hant", 2, 2, 2, 2)
		d.m.Booth.Chute.Jam(true)
		d.touch("cast")
		d.update(d.say(station.Casting, cardIn))
		d.counted([]int{2, 2, 2})
		halted := []func(*flow.Situation){fault(station.SlipFault), due(flow.DueInBox), problem("slip-stuck-window")}
		d.expects(d.say(station.Halted, append(halted, cardIn)...))
		d.mended(station.Halted, halted...)
	})
	d.run(t, "the box is right", d.boxFits)
}

// TestMishaps lets other things happen that stop a voter.
func TestMishaps(t *testing.T) {
	if runsElsewhere(t) {
		return
	}
	d := newDay(t, 20, nil)
	d.run(t, "opening", d.open)
	d.run(t, "a door opens", func() {
		d.begin("en", d.m.Voter(3))
		d.m.Booth.Panel.Set(panel.RearDoor, true)
		d.counts.Abandoned++
		d.notices = []flow.Notice{{Code: "tampered", Args: map[string]string{"switch": string(panel.RearDoor)}, Grave: true}}
		d.expects(d.say(station.Suspended, fault(station.WorkerStopped), cardIn))
		d.remove()
		d.expects(d.say(station.Suspended, fault(station.WorkerStopped)))
		must(d.t, d.m.Booth.Repair())
		d.touch("workers")
		d.sees()
		d.touch("clear")
		d.come(flow.Clear, station.Suspended, station.Suspended, fault(station.WorkerStopped))
		d.touch("back")
		d.sees()
		d.touch("resume")
		d.come(flow.Resume, station.Suspended, station.Idle, fault(station.WorkerStopped))
		d.touch("leave-workers")
		d.sees()
		d.toBegin()
	})
	d.run(t, "a poll worker is called", func() {
		d.begin("id", d.m.Voter(3))
		d.touch("help")
		d.notices = []flow.Notice{{Code: "worker-called"}}
		d.expects(d.say(station.Choosing, cardIn))
		d.touch("help-back")
		d.sees()
		d.answer([]int{2, 1, 2})
		d.print([]int{2, 1, 2})
		d.expects(d.say(station.Deciding, cardIn))
		d.deposit([]int{2, 1, 2})
		d.notices = nil
	})
	d.run(t, "the card reader is unplugged", func() {
		d.begin("en", d.m.Voter(4))
		must(d.t, d.m.Booth.KillDaemon())
		d.counts.Abandoned++
		d.notices = grave("card-reader-lost")
		d.expects(d.say(station.Idle))
		d.touch("begin")
		d.sees()
		must(d.t, d.m.Booth.Repair())
		d.notices = nil
		d.expects(d.say(station.Idle))
	})
	d.run(t, "the box is right", d.boxFits)
}
