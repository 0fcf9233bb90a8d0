package paneltest

// A Chute is the way of the slips: window, flap, diverter, two bins, and the
// three sensors on the way. Every piece is always in exactly one place, so what the
// counters say is where the slips are.
type Chute struct{}

// NewChute connects the mechanics to a bench.
func NewChute(b *Bench) *Chute { return nil }

// Paper says whether uncut paper hangs from the printer into the window.
func (c *Chute) Paper(held bool) {}

// Piece says that a piece was cut off what hangs in the window: it lies there until the flap
// opens.
func (c *Chute) Piece() {}

// Jam holds slips in the window although the flap opens.
func (c *Chute) Jam(jam bool) {}

// JamBetween holds slips between window and bins. Freed, they fall where the
// diverter points.
func (c *Chute) JamBetween(jam bool) {}

// StickDiverter keeps the diverter where it is.
func (c *Chute) StickDiverter(stick bool) {}

// Take takes all pieces out of window and chute by hand, and returns how many.
func (c *Chute) Take() int { return 0 }

// Window is how many pieces lie in the window.
func (c *Chute) Window() int { return 0 }

// Box is how many pieces are in the box.
func (c *Chute) Box() int { return 0 }

// Spoiled is how many pieces are in the spoiled bin.
func (c *Chute) Spoiled() int { return 0 }
