package desk

import (
	"image"
	"os"
	"path/filepath"
	"slices"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
)

// A View is what a person sees on the desk.
type View struct {
	Cards   []Card
	In      int     // the card in the reader, -1: none
	Faults  []Fault // what can go wrong
	Wrong   []bool  // and does, in the same order
	Green   bool    // the light tower
	Yellow  bool
	Red     bool
	Window  image.Image // what stands behind the window, nil: nothing
	Box     []image.Image
	Spoiled []image.Image
	Front   []image.Image // what came out of the receipt printer, oldest first
	Media   [2]Medium

	// Running says that the kiosk runs; if not, Status is how it ended and Said the
	// last of what it printed.
	Running bool
	Status  int
	Said    string
}

// A Card lies on the desk, or is in the reader.
type Card struct {
	Kind  Kind
	Name  string
	Note  string
	Voted bool // a slip fell into the box while it was in
	Tries int  // of its PIN
}

// A Medium is one of the two.
type Medium struct {
	Plugged bool
	Full    bool // the station's bundle is on it
}

// View looks at everything.
func (d *Desk) View() View {
	d.hands.Lock()
	defer d.hands.Unlock()
	b := d.booth
	v := View{
		In: d.in, Faults: d.faults, Green: b.Panel.Get(panel.Green), Yellow: b.Panel.Get(panel.Yellow), Red: b.Panel.Get(panel.Red),
		Window: d.window(), Box: pictures(b.Box()), Spoiled: pictures(b.Spoiled()),
	}
	for n := range v.Media {
		_, err := os.Stat(d.medium(n+1, true))
		v.Media[n].Plugged = err == nil
		_, err = os.Stat(filepath.Join(d.medium(n+1, v.Media[n].Plugged), Station))
		v.Media[n].Full = err == nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.in != none && len(v.Box) > count(d.voted) {
		d.voted[d.in] = true
	}
	for i, c := range d.cards {
		v.Cards = append(v.Cards, Card{c.kind, c.name, c.note, d.voted[i], c.card.TriesLeft()})
	}
	v.Wrong, v.Front = slices.Clone(d.wrong), pictures(d.front)
	v.Running = d.program != nil && d.status == nil
	if d.status != nil {
		v.Status = *d.status
	}
	if d.program != nil {
		v.Said = d.program.said.String()
	}
	return v
}

func count(all []bool) (n int) {
	for _, b := range all {
		if b {
			n++
		}
	}
	return n
}

// window is the picture of what stands behind the window: paper that hangs from
// the printer, or else the slip that was cut and has not fallen.
func (d *Desk) window() image.Image {
	if p, held := d.booth.Slips.Held(); held {
		return p.Image
	}
	if d.booth.Chute.Window() == 0 {
		return nil
	}
	cut := d.booth.Slips.Pieces()
	if len(cut) == 0 {
		return nil
	}
	return cut[len(cut)-1].Image
}

func pictures(pieces []printertest.Piece) []image.Image {
	var all []image.Image
	for _, p := range pieces {
		all = append(all, p.Image)
	}
	return all
}

// inked reports whether anything is on a piece of paper.
func inked(p printertest.Piece) bool {
	return slices.ContainsFunc(p.Image.Pix, func(colour uint8) bool { return colour != 0 })
}
