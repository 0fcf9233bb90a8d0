package printer

// A kind of answer. The manual's table "Identifying transmission data" tells them
// apart by bits 7, 4, 1 and 0 of their first byte.
type kind int

const (
	noise      kind = iota // a byte that begins no answer, or breaks one off
	realTime               // DLE EOT n: 0xx1xx10
	autoStatus             // GS a: 0xx1xx00, then three of 0xx0xxxx
	sensor                 // GS r 1: 0xx0xxxx
	processID              // GS ( H: 37 22 d1 d2 d3 d4 00
	cleared                // DLE DC4 8: 37 25 00
	flowOff                // XOFF
	flowOn                 // XON
)

// An answer is one thing that the printer said. Of realTime and sensor the first
// byte is used, of autoStatus and processID all four.
type answer struct {
	kind kind
	b    [4]byte
}

// A decoder finds the answers in what the printer sends. It is strict: a byte that
// cannot be part of an answer is noise, and so is what it interrupts. Its zero
// value is between two answers.
type decoder struct {
	have [7]byte // an answer that has begun
	n    int
}

// partial reports whether an answer has begun and not ended.
func (d *decoder) partial() bool { return d.n > 0 }

// next takes a byte, and reports whether it makes an answer.
//
// XON, XOFF and real-time answers may stand in the middle of another one: the
// printer sends them at once. No byte of ours within an answer looks like them:
// see idLetters.
func (d *decoder) next(b byte) (answer, bool) {
	switch {
	case b == 0x13:
		return answer{kind: flowOff}, true
	case b == 0x11:
		return answer{kind: flowOn}, true
	case b&0x93 == 0x12:
		return answer{kind: realTime, b: [4]byte{b}}, true
	case d.n == 0:
		return d.first(b)
	case d.fits(b):
		d.have[d.n] = b
		d.n++
		return d.whole()
	}
	d.n = 0 // what had begun stays half; b may be the beginning of another
	if a, ok := d.first(b); ok && a.kind == noise {
		return a, true
	}
	return answer{kind: noise}, true
}

func (d *decoder) first(b byte) (answer, bool) {
	switch {
	case b&0x93 == 0x10, b == 0x37:
		d.have[0], d.n = b, 1
		return answer{}, false
	case b&0x90 == 0:
		return answer{kind: sensor, b: [4]byte{b}}, true
	}
	return answer{kind: noise}, true
}

// fits reports whether b can go on with what has begun.
func (d *decoder) fits(b byte) bool {
	switch {
	case d.have[0] != 0x37:
		return b&0x90 == 0
	case d.n == 1:
		return b == 0x22 || b == 0x25
	case d.have[1] == 0x25 || d.n == 6:
		return b == 0
	}
	return b >= 0x20 && b&0x90 == 0
}

// whole returns the answer if it has all its bytes.
func (d *decoder) whole() (answer, bool) {
	a := answer{}
	switch {
	case d.have[0] != 0x37 && d.n == 4:
		a.kind = autoStatus
		copy(a.b[:], d.have[:4])
	case d.have[0] == 0x37 && d.n == 3 && d.have[1] == 0x25:
		a.kind = cleared
	case d.n == 7:
		a.kind = processID
		copy(a.b[:], d.have[2:6])
	default:
		return answer{}, false
	}
	d.n = 0
	return a, true
}
