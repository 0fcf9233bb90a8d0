package paneltest

import (
	"sync"
	"time"

	"github.com/openreferendum/referendum/hardware/panel"
)

// fall is how long a slip is in front of a drop sensor, on the bench's clock.
const fall = 300 * time.Millisecond

// A Chute is the way of the slips: window, flap, diverter, two bins, and the
// three sensors on the way. Every piece is always in exactly one place, so what the
// counters say is where the slips are.
//
// Pieces that lie in the window together fall together, and pass the sensor as
// one: it cannot tell, the bin can.
type Chute struct {
	bench *Bench

	mu      sync.Mutex
	held    bool // uncut paper hangs into the window
	open    bool // the flap
	toBox   bool // the diverter
	jam     bool // nothing leaves the window
	between bool // nothing leaves the chute
	stick   bool // the diverter does not move
	window  int  // pieces
	chute   int
	box     int
	spoiled int
	taken   int
}

// NewChute connects the mechanics to a bench. Nothing is in it.
func NewChute(b *Bench) *Chute {
	c := &Chute{bench: b}
	b.OnWrite(c.written)
	return c
}

// Paper says whether uncut paper hangs from the printer into the window.
func (c *Chute) Paper(held bool) {
	c.change(func() { c.held = held })
}

// Piece says that what hangs in the window was cut off: a piece lies there until
// the flap opens.
func (c *Chute) Piece() {
	c.change(func() {
		c.held = false
		c.window++
	})
}

// Jam holds slips in the window although the flap opens. Freed, they stay there until it
// opens again.
func (c *Chute) Jam(jam bool) {
	c.change(func() { c.jam = jam })
}

// JamBetween holds slips between window and bins. Freed, they fall where the
// diverter points.
func (c *Chute) JamBetween(jam bool) {
	c.change(func() { c.between = jam })
}

// StickDiverter keeps the diverter where it is. Freed, it goes where it should be.
func (c *Chute) StickDiverter(stick bool) {
	c.change(func() {
		c.stick = stick
		if !stick {
			c.toBox = c.bench.Get(panel.Diverter)
		}
	})
}

// Take takes all pieces out of window and chute by hand, and returns how many.
func (c *Chute) Take() int {
	n := 0
	c.change(func() {
		n = c.window + c.chute
		c.window, c.chute, c.taken = 0, 0, c.taken+n
	})
	return n
}

// Window is how many pieces lie in the window.
func (c *Chute) Window() int { return c.count(&c.window) }

// Between is how many pieces are stuck between window and bins.
func (c *Chute) Between() int { return c.count(&c.chute) }

// Box is how many pieces are in the box.
func (c *Chute) Box() int { return c.count(&c.box) }

// Spoiled is how many pieces are in the spoiled bin.
func (c *Chute) Spoiled() int { return c.count(&c.spoiled) }

// Taken is how many pieces were taken out by hand.
func (c *Chute) Taken() int { return c.count(&c.taken) }

func (c *Chute) count(n *int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return *n
}

// written is told of every output that changed.
func (c *Chute) written(l panel.Line, active bool) {
	switch l {
	case panel.Solenoid:
		c.change(func() { c.open = active })
	case panel.Diverter:
		c.change(func() {
			if !c.stick {
				c.toBox = active
			}
		})
	}
}

// change does something to the mechanics and lets everything fall that can.
func (c *Chute) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	if c.open && !c.jam {
		c.chute += c.window
		c.window = 0
	}
	c.bench.Set(panel.SlipExit, c.held || c.window > 0)
	if c.chute == 0 || c.between {
		return
	}
	sensor, bin := panel.SpoiledDrop, &c.spoiled
	if c.toBox {
		sensor, bin = panel.BoxDrop, &c.box
	}
	*bin += c.chute
	c.chute = 0
	c.bench.Set(sensor, true)
	c.bench.Skip(fall)
	c.bench.Set(sensor, false)
}
