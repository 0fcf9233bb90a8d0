package e2etest

import (
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/station"
)

// powerCut ends the program as a power cut does, and starts it again. The card
// stays in the reader. The polls are suspended then, and two poll workers
// resume them.
func (d *day) powerCut(t testing.TB) {
	d.t.Helper()
	d.p.kill()
	d.start(t)
	d.expects(d.say(station.Suspended, cardIn))
	d.remove()
	d.expects(d.say(station.Suspended))
	d.touch("workers")
	d.sees()
	d.seesCounts()
	d.touch("resume")
	d.come(flow.Resume, station.Suspended, station.Idle)
	d.touch("leave-workers")
	d.sees()
}

// TestPower cuts the power in each of a voter's states: nothing is lost, nothing
// is counted twice, and whoever has not voted votes.
func TestPower(t *testing.T) {
	if runsElsewhere(t) {
		return
	}
	d := newDay(t, 20, nil)
	d.run(t, "opening", d.open)
	d.run(t, "while the PIN is asked for", func() {
		d.toPIN("en", d.m.Voter(1))
		d.powerCut(t)
	})
	d.run(t, "while the voter chooses", func() {
		d.begin("zh-Hant", d.m.Voter(1))
		d.touch("take")
		d.sees()
		d.counts.Abandoned++
		d.powerCut(t)
	})
	d.run(t, "while the slip is printed", func() {
		d.begin("id", d.m.Voter(1))
		d.answer([]int{1, 1, 1})
		d.m.Booth.Slips.At(middle, func() { _ = d.p.process.Process.Kill() })
		d.print([]int{1, 1, 1})
		<-d.p.ended
		d.counts.Abandoned++
		d.counts.SlipsVoided++
		d.powerCut(t)
	})
	d.run(t, "while the slip is read", func() {
		d.toSlip("en", 1, 1, 1, 1)
		d.counts.Abandoned++
		d.counts.SlipsVoided++
		d.powerCut(t)
	})
	d.run(t, "while the ballot is opened", func() {
		d.toSlip("zh-Hant", 1, 2, 0, 1)
		d.m.Booth.Receipts.At(middle, func() { _ = d.p.process.Process.Kill() })
		d.challenge()
		<-d.p.ended
		d.counts.Abandoned++
		d.powerCut(t)
	})
	d.run(t, "while the ballot is cast", func() {
		d.toSlip("en", 1, 2, 2, 1)
		d.touch("cast")
		d.p.kill()
		d.castOrNot(t, 1, []int{2, 2, 1})
	})
	d.run(t, "while the card is taken", func() {
		d.toSlip("id", 2, 1, 2, 0)
		d.touch("cast")
		d.update(d.say(station.Casting, cardIn))
		d.expects(d.say(station.Leaving, cardIn))
		d.counted([]int{1, 2, 0})
		d.powerCut(t)
	})
	d.run(t, "the box is right", d.boxFits)
}

// castOrNot starts the program again after a power cut at any moment of
// casting: where the slip is in the box the voter has voted, and where it is not
// the voter can vote.
func (d *day) castOrNot(t testing.TB, voter int, selections []int) {
	d.t.Helper()
	before := d.counts.Cast
	d.start(t)
	d.update(d.say(station.Suspended, cardIn))
	d.sees()
	voted := len(d.m.Booth.Box()) > before
	if voted {
		d.counted(selections)
	} else {
		d.counts.Abandoned++
		d.counts.SlipsVoided++
	}
	d.t.Logf("the slip was dropped: %v", voted)
	d.powerCut(t)
	d.toPIN("en", d.m.Voter(voter))
	d.pin(eidtest.DefaultPIN)
	if !voted {
		d.toQuestions()
		d.remove()
		d.counts.Abandoned++
		d.ended()
		return
	}
	d.update(d.say(station.Checking, cardIn))
	d.expects(d.say(station.Refused, refused(station.HasVoted)))
	d.remove()
	d.expects(d.say(station.Idle))
}
