package printertest

// A framer finds where commands begin and end in a stream of bytes, and nothing
// more. The receiving side needs it to know a real-time command from its bytes in
// the middle of data, the printing side to know what a command is.
//
// The zero value is at the beginning of a command.
type framer struct {
	head []byte // of the command that is being received: all but its data
	rest int64  // bytes of data that follow the head
	text bool   // the data end with a NUL instead
}

// between reports whether the next byte begins a command.
func (f *framer) between() bool { return len(f.head) == 0 }

// next takes a byte. It reports whether the byte completes a command's head, and
// whether it completes the command.
func (f *framer) next(b byte) (head, done bool) {
	switch {
	case f.text:
		f.text = b != 0
		done = !f.text
	case f.rest > 0:
		f.rest--
		done = f.rest == 0
	default:
		f.head = append(f.head, b)
		missing, data, text := size(f.head)
		if missing > 0 {
			return false, false
		}
		f.rest, f.text = data, text
		head, done = true, data == 0 && !text
	}
	if done {
		f.head, f.rest, f.text = nil, 0, false
	}
	return head, done
}

// size returns how many bytes a command's head lacks at least and, when it lacks
// none, the number of data bytes that follow, or that they end with a NUL.
func size(h []byte) (missing int, data int64, text bool) {
	switch h[0] {
	case dle:
		return realTimeSize(h), 0, false
	case esc, fs, gs:
	default:
		return 0, 0, false // a character or a control code
	}
	if len(h) < 2 {
		return 1, 0, false
	}
	switch h[0] {
	case esc:
		return escSize(h)
	case fs:
		return fsSize(h)
	}
	return gsSize(h)
}

const (
	nul = 0x00
	lf  = 0x0A
	ff  = 0x0C
	cr  = 0x0D
	dle = 0x10
	can = 0x18
	esc = 0x1B
	fs  = 0x1C
	gs  = 0x1D
	eot = 0x04
	enq = 0x05
	dc4 = 0x14
)

// realTimeSize is the number of bytes missing of DLE EOT n, DLE ENQ n and DLE DC4 fn….
func realTimeSize(h []byte) int {
	switch {
	case len(h) < 2:
		return 1
	case h[1] == eot && len(h) >= 3 && (h[2] == 7 || h[2] == 8 || h[2] == 18):
		return 4 - len(h) // DLE EOT n a
	case h[1] == eot || h[1] == enq:
		return 3 - len(h)
	case h[1] != dc4:
		return 0
	case len(h) < 3:
		return 1
	}
	switch h[2] {
	case 1, 2:
		return 5 - len(h)
	case 3:
		return 8 - len(h)
	case 7:
		return 4 - len(h)
	case 8:
		return len(clearBuffer) - len(h)
	}
	return 0
}

// clearBuffer is DLE DC4, function 8, with its fixed parameters.
var clearBuffer = [10]byte{dle, dc4, 8, 1, 3, 20, 1, 6, 2, 8}

// plain is a command whose head has so many bytes, and no data.
func plain(h []byte, bytes int) (int, int64, bool) { return bytes - len(h), 0, false }

// counted is a command whose data's length stands at the end of its head of the
// given length, as a number of the given width, lowest byte first.
func counted(h []byte, bytes, width int) (int, int64, bool) {
	if len(h) < bytes {
		return bytes - len(h), 0, false
	}
	return 0, number(h[bytes-width : bytes]), false
}

// number is a little-endian one.
func number(b []byte) int64 {
	var n int64
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | int64(b[i])
	}
	return n
}

func escSize(h []byte) (int, int64, bool) {
	switch h[1] {
	case '*': // m nL nH, then columns of one or three bytes
		missing, n, _ := counted(h, 5, 2)
		if missing == 0 && h[2] >= 32 {
			n *= 3
		}
		return missing, n, false
	case 'D':
		return 0, 0, true
	case '(':
		return counted(h, 5, 2)
	case 'W':
		return plain(h, 10)
	case 'p':
		return plain(h, 5)
	case '$', '\\', 'c':
		return plain(h, 4)
	case ' ', '!', '%', '-', '3', '=', '?', 'E', 'G', 'J', 'K', 'M', 'R', 'T', 'U', 'V', 'a', 'd', 'e', 'r', 't', 'u', '{':
		return plain(h, 3)
	}
	return plain(h, 2)
}

func fsSize(h []byte) (int, int64, bool) {
	switch h[1] {
	case '(':
		return counted(h, 5, 2)
	case '2':
		if len(h) < 4 {
			return 4 - len(h), 0, false
		}
		return 0, 72, false
	case 'S', 'p', '?':
		return plain(h, 4)
	case '!', '-', 'C', 'W':
		return plain(h, 3)
	}
	return plain(h, 2)
}

func gsSize(h []byte) (int, int64, bool) {
	switch h[1] {
	case '(':
		return counted(h, 5, 2)
	case '8':
		return counted(h, 7, 4)
	case 'v', 'Q': // 0 m xL xH yL yH, then x times y bytes
		missing, y, _ := counted(h, 8, 2)
		if missing > 0 {
			return missing, 0, false
		}
		return 0, y * number(h[4:6]), false
	case '*': // x y, then x times y times 8 bytes
		if len(h) < 4 {
			return 4 - len(h), 0, false
		}
		return 0, int64(h[2]) * int64(h[3]) * 8, false
	case 'k':
		return barCodeSize(h)
	case 'V':
		if len(h) >= 3 && h[2]&^48 > 1 { // not 0, 1, '0', '1': with a distance
			return plain(h, 4)
		}
		return plain(h, 3)
	case 'g':
		return plain(h, 6)
	case '^', 'z':
		return plain(h, 5)
	case '$', 'L', 'P', 'W', '\\':
		return plain(h, 4)
	case ':', 'c':
		return plain(h, 2)
	case '!', '/', 'B', 'E', 'H', 'I', 'T', 'a', 'b', 'f', 'h', 'j', 'r', 'w':
		return plain(h, 3)
	}
	return plain(h, 2)
}

// barCodeSize is that of GS k m d… NUL, and of GS k m n d….
func barCodeSize(h []byte) (int, int64, bool) {
	switch {
	case len(h) < 3:
		return 1, 0, false
	case h[2] < 65:
		return 0, 0, true
	}
	return counted(h, 4, 1)
}
