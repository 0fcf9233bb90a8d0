package printer

// A condition is what the printer's sensors say, gathered from its status bytes.
type condition struct {
	offline   bool
	cover     bool
	paperEnd  bool
	paperLow  bool
	cutter    bool
	mechanism bool // another error that passes when its cause is taken away
	broken    bool
}

// realTime takes the answer to DLE EOT n, for n of 1 to 4. A bit of a pair (near
// end, end) is enough: not every make sets both.
func (c *condition) realTime(n int, b byte) {
	switch n {
	case 1:
		c.offline = b&0x08 != 0
	case 2:
		c.cover = b&0x04 != 0
		c.paperEnd = c.paperEnd || b&0x20 != 0
	case 3:
		c.errors(b)
	case 4:
		c.paperLow = b&0x0C != 0
		c.paperEnd = c.paperEnd || b&0x60 != 0
	}
}

// errors takes the bits that DLE EOT 3 and the second byte of the automatic status
// share. An error that passes by itself (0x40, the head is hot) is none here: the
// printer is offline until it has passed.
func (c *condition) errors(b byte) {
	c.mechanism = b&0x04 != 0
	c.cutter = b&0x08 != 0
	c.broken = b&0x20 != 0
}

// automatic is the condition in an automatic status (GS a).
func automatic(b [4]byte) condition {
	c := condition{offline: b[0]&0x08 != 0, cover: b[0]&0x20 != 0, paperLow: b[2]&0x03 != 0, paperEnd: b[2]&0x0C != 0}
	c.errors(b[1])
	return c
}

// paperSensor is the condition in the answer to GS r 1.
func paperSensor(b byte) condition {
	return condition{paperLow: b&0x03 != 0, paperEnd: b&0x0C != 0}
}

// fault names the first thing to do something about. An open cover comes before
// paper: with the cover open some sensors see none.
func (c condition) fault() Fault {
	switch {
	case c.broken:
		return Broken
	case c.cover:
		return CoverOpen
	case c.cutter, c.mechanism:
		return CutterStuck
	case c.paperEnd:
		return PaperOut
	case c.offline:
		return Offline
	}
	return NoFault
}

// stops is the fault that spoils a page while it is printed. Offline does not:
// the printer waits, and goes on by itself.
func (c condition) stops() Fault {
	if f := c.fault(); f != Offline {
		return f
	}
	return NoFault
}
