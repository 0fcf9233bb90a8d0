package e2etest

import (
	"testing"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// run is a part of a day: a test of its own, with the station as the part
// before has left it.
func (d *day) run(t *testing.T, name string, part func()) {
	t.Helper()
	passed := t.Run(name, func(t *testing.T) {
		defer func(before testing.TB) { d.t = before }(d.t)
		d.t = t
		part()
	})
	if !passed {
		t.FailNow() // nobody knows where the station is
	}
}

// TestDay is a day at a station where nothing breaks, and whatever else: the
// record that comes out verifies.
func TestDay(t *testing.T) {
	if runsElsewhere(t) {
		return
	}
	d := newDay(t, 20, nil)
	d.run(t, "opening", d.open)
	d.run(t, "vote in Chinese", func() { d.vote("zh-Hant", 1, 1, 2, 3) })
	d.run(t, "vote in English", func() { d.vote("en", 2, 2, 0, 1) })
	d.run(t, "vote in Indonesian", func() { d.vote("id", 3, 0, 0, 0) })
	d.run(t, "vote with two switches", func() { d.voteWithSwitches("en", 4, 1, 1, 2) })
	d.run(t, "test the machine, then cast", func() {
		d.begin("zh-Hant", d.m.Voter(5))
		d.answer([]int{2, 2, 2})
		d.print([]int{2, 2, 2})
		d.expects(d.say(station.Deciding, cardIn))
		d.challenge()
		d.expects(d.say(station.Choosing, cardIn, challenges(1)))
		d.answer([]int{1, 0, 2})
		d.print([]int{1, 0, 2})
		d.expects(d.say(station.Deciding, cardIn, challenges(1)))
		d.deposit([]int{1, 0, 2})
	})
	d.run(t, "card pulled out while choosing", func() {
		d.begin("en", d.m.Voter(6))
		d.touch("take")
		d.sees()
		d.leave()
	})
	d.run(t, "card pulled out while the slip is read", func() {
		d.begin("id", d.m.Voter(6))
		d.answer([]int{1, 1, 1})
		d.print([]int{1, 1, 1})
		d.expects(d.say(station.Deciding, cardIn))
		d.counts.SlipsVoided++
		d.leave()
	})
	d.boxFits()
	d.run(t, "closing", func() {
		d.close()
		d.seesCounts()
	})
	most, _ := d.p.memory(t)
	t.Logf("the program has had %.0f MB at most", most)
	d.ends(t)
	media := d.labelled()
	d.run(t, "export", func() { d.export(media) })
	d.run(t, "the record verifies", func() { d.verifies(media) })
}

// challenge tests the machine with the slip behind the window.
func (d *day) challenge() {
	d.t.Helper()
	d.touch("challenge")
	d.sees()
	d.touch("challenge-yes")
	d.update(d.say(station.Opening, cardIn))
	d.counts.Challenged++
	d.counts.SlipsVoided++
}

// leave takes the card out in the middle.
func (d *day) leave() {
	d.t.Helper()
	d.remove()
	d.counts.Abandoned++
	d.ended()
}

// ended is the end of a session in which nothing was cast, until the first
// screen is up again.
func (d *day) ended() {
	d.t.Helper()
	d.expects(d.say(station.Idle))
	d.touch("begin")
	d.sees()
}

// voteWithSwitches is a voter's whole way with Tab and Space.
func (d *day) voteWithSwitches(language string, voter int, selections ...int) {
	d.t.Helper()
	press := func(names ...string) {
		d.t.Helper()
		for _, name := range names {
			d.switched(name)
			d.sees()
		}
	}
	d.sees()
	press("begin", "lang:"+language)
	d.insert(d.m.Voter(voter))
	d.expects(d.say(station.Idle, asks(1)))
	for _, digit := range eidtest.DefaultPIN {
		press(screen.KeyPrefix + string(digit))
	}
	d.switched("enter")
	d.toQuestions()
	for _, n := range selections {
		press("take", map[int]string{1: "answer:1", 2: "answer:2"}[n])
	}
	d.switched("print")
	d.update(d.say(station.Encrypting, cardIn))
	d.counts.SlipsPrinted++
	d.expects(d.say(station.Deciding, cardIn))
	d.switched("cast")
	d.update(d.say(station.Casting, cardIn))
	d.expects(d.say(station.Leaving, cardIn))
	d.counted(selections)
	d.remove()
	d.expects(d.say(station.Idle))
}
