package gallerytest

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/kiosk-ui/screen"
	"github.com/openreferendum/referendum/station"
)

// TestEveryScreenIsInTheGallery goes on from every scene: chance presses buttons
// and changes what the station says, rightly or absurdly. There is no screen
// that no scene shows.
func TestEveryScreenIsInTheGallery(t *testing.T) {
	t.Parallel()
	known := map[screen.ID]bool{}
	for _, s := range Scenes() {
		known[s.ID] = true
	}
	words := openBook(t)
	for walk, from := range slices.Repeat(Scenes(), 2) {
		r := rand.New(rand.NewPCG(uint64(walk), 4))
		p := &play{flow: flow.New(from.setup(), words), language: languages[0]}
		for _, do := range from.way {
			if err := do(p); err != nil {
				t.Fatalf("%s: %v", from.Name, err)
			}
		}
		for range 60 {
			if r.IntN(4) == 0 {
				chance(r, &p.now)
				p.flow.Update(p.now)
			} else if all := offered(p.flow.Screen()); len(all) > 0 {
				p.flow.Press(all[r.IntN(len(all))])
			}
			if id := p.flow.Screen().ID; !known[id] {
				t.Fatalf("walk %d, from %s: no scene shows screen %q", walk, from.Name, id)
			}
		}
	}
}

// chance changes one thing that the station says.
func chance(r *rand.Rand, s *flow.Situation) {
	switch r.IntN(12) {
	case 0, 1, 2, 3:
		s.State = station.State{At: station.Place(r.IntN(int(station.Halted) + 1))}
	case 4:
		s.State.Fault, s.State.Refusal, s.State.Challenges = station.Fault(r.IntN(8)), station.Reason(r.IntN(11)), r.IntN(4)
	case 5:
		s.Ask, s.CardIn = flow.Ask(r.IntN(4)), r.IntN(2) == 0
	case 6:
		s.WrongPIN, s.Tries, s.Blocked = r.IntN(2) == 0, r.IntN(5)-1, r.IntN(4) == 0
	case 7:
		s.Act = []flow.Act{flow.NoAct, flow.NoAct, flow.Open, flow.Close, flow.Export, "no-such-act"}[r.IntN(6)]
		s.Done = []flow.Act{flow.NoAct, flow.Open, flow.Close}[r.IntN(3)]
	case 8:
		codes := append(flow.NoticeCodes(), "no-such-code")
		n := noticeOf(codes[r.IntN(len(codes))])
		if s.Said = &n; r.IntN(2) == 0 {
			s.Notices, s.Problem, s.Said = []flow.Notice{n}, &n, nil
		}
	case 9:
		s.Late, s.Unattended = r.IntN(3) == 0, r.IntN(4) == 0
	case 10:
		s.Counts, s.Media, s.Report = &shown, sticks, report("clock-wrong")
	case 11:
		if s.Phase = flow.Running; r.IntN(3) == 0 {
			s.Phase = flow.Phase(r.IntN(4))
		}
		s.Ask = flow.Nothing
	}
}

// offered are the names of all that can be pressed on a screen.
func offered(s screen.Screen) []string {
	var names []string
	for _, b := range append(append([]screen.Button(nil), s.Buttons...), s.Tools...) {
		names = append(names, b.Press)
	}
	for _, p := range s.Parts {
		switch p := p.(type) {
		case screen.Options:
			for _, o := range p.Items {
				names = append(names, o.Press)
			}
		case screen.Facts:
			for _, f := range p.Rows {
				names = append(names, f.Press)
			}
		case screen.Entry:
			for _, k := range "A123456789" {
				names = append(names, screen.KeyPrefix+string(k))
			}
		}
	}
	return names
}
