package printertest

import "errors"

// Reasons to leave a command half done.
var (
	errCleared = errors.New("the buffer was cleared")
	errClosed  = errors.New("the printer is closed")
)

// print obeys commands until the printer is closed. It holds the lock, but for the
// moments in which it waits or calls a hook.
func (p *Printer) print() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if err := p.command(); errors.Is(err, errClosed) {
			return
		}
		p.rest, p.text = 0, false
	}
}

// ready waits until the printer can go on: it is online, and a byte is there if
// one is needed.
func (p *Printer) ready(needByte bool) error {
	for {
		switch {
		case p.closed:
			return errClosed
		case p.cleared:
			p.cleared = false
			return errCleared
		case !p.offline() && !(needByte && len(p.buffer) == 0):
			return nil
		}
		p.stands, p.hungry = true, needByte
		p.wake.Broadcast()
		p.wake.Wait()
		p.stands = false
	}
}

// Wait returns when the printer has nothing left to do, or cannot go on by itself.
func (p *Printer) Wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.running && !p.closed && !p.idle() {
		p.wake.Wait()
	}
}

func (p *Printer) idle() bool {
	return p.stands && !p.cleared && (p.offline() || p.hungry && len(p.buffer) == 0)
}

// take removes a byte from the receive buffer.
func (p *Printer) take() (byte, error) {
	if err := p.ready(true); err != nil {
		return 0, err
	}
	b := p.buffer[0]
	p.buffer = p.buffer[1:]
	if p.busy && len(p.buffer) <= p.c.Buffer*3/4 {
		p.wake.Broadcast()
	}
	return b, nil
}

// datum takes a byte of the command's data.
func (p *Printer) datum() (byte, error) {
	b, err := p.take()
	switch {
	case err != nil:
		return 0, err
	case p.text:
		p.text = b != 0
	default:
		p.rest--
	}
	return b, nil
}

// data takes the rest of the command's data.
func (p *Printer) data() ([]byte, error) {
	d := make([]byte, 0, min(p.rest, 1<<16))
	for p.rest > 0 {
		b, err := p.datum()
		if err != nil {
			return nil, err
		}
		d = append(d, b)
	}
	return d, nil
}

// command takes a command from the buffer and obeys it. What it leaves of the
// command's data is skipped.
func (p *Printer) command() error {
	var head []byte
	for {
		b, err := p.take()
		if err != nil {
			return err
		}
		head = append(head, b)
		missing, data, text := size(head)
		if missing > 0 {
			continue
		}
		p.rest, p.text = data, text
		break
	}
	err := p.obey(head)
	for err == nil && (p.rest > 0 || p.text) {
		_, err = p.datum()
	}
	return err
}

func (p *Printer) obey(h []byte) error {
	switch h[0] {
	case lf:
		return p.newline(true)
	case cr, nul, can, ff, dle:
		return nil
	case ht:
		return p.tab()
	case esc:
		return p.obeyESC(h)
	case fs:
		return p.obeyFS(h)
	case gs:
		return p.obeyGS(h)
	}
	if h[0] < ' ' {
		p.unknown(h)
		return nil
	}
	return p.character(h[0])
}

func (p *Printer) obeyESC(h []byte) error {
	n := h[len(h)-1]
	switch h[1] {
	case '@':
		p.reset()
	case '!':
		p.set.fontB, p.set.bold = n&1 != 0, n&8 != 0
		p.set.wide, p.set.high = 1+int(n>>5&1), 1+int(n>>4&1)
		p.set.underline = n&0x80 != 0
	case 'E', 'G':
		p.set.bold = n&1 != 0
	case '-':
		p.set.underline = n&3 != 0
	case 'M':
		p.set.fontB = n&1 != 0
	case 'a':
		if p.line.empty() { // otherwise it has no effect
			p.set.align = n & 3
		}
	case '2':
		p.set.spacing = 30
	case '3':
		p.set.spacing = int(n)
	case ' ':
		p.set.space = int(n)
	case 'd':
		return p.feedLines(int(n))
	case 'J':
		return p.feedLine(int(n))
	case '$':
		p.moveTo(int(number(h[2:4])))
	case '\\':
		p.moveTo(p.line.x + int(int16(number(h[2:4]))))
	case '*':
		return p.columns(h)
	case 'i', 'm':
		return p.cut(h[1] == 'm')
	case 'v':
		p.answer(p.paperByte())
	case 'u':
		p.answer(when(p.state.DrawerHigh, 1))
	case 't', 'R', '{', 'V', 'U', 'r', '=', 'c', 'p', 'S', 'T', '%', 'D', '?':
		// code pages, drawers, sides of the paper: they change nothing here
	default:
		p.unknown(h)
	}
	return nil
}

func (p *Printer) obeyFS(h []byte) error {
	n := h[len(h)-1]
	switch h[1] {
	case '&':
		p.set.oneByte = false
	case '.':
		p.set.oneByte = true
	case '!':
		p.set.wide, p.set.high = 1+int(n>>2&1), 1+int(n>>3&1)
	case 'W':
		p.set.wide, p.set.high = 1+int(n&1), 1+int(n&1)
	case '-', 'C', 'S', '(':
	default:
		p.unknown(h)
	}
	return nil
}

func (p *Printer) obeyGS(h []byte) error {
	n := h[len(h)-1]
	switch h[1] {
	case '!':
		p.set.wide, p.set.high = 1+int(n>>4&7), 1+int(n&7)
	case 'B':
		p.set.invert = n&1 != 0
	case 'L':
		p.set.left = int(number(h[2:4]))
	case 'W':
		p.set.area = int(number(h[2:4]))
	case 'V':
		return p.obeyCut(h)
	case 'a':
		p.set.automatic = n
		if n != 0 {
			p.told = p.automatic()
			p.answer(p.told[:]...)
		}
	case 'r':
		p.sensor(n)
	case 'I':
		p.identify(n)
	case 'v':
		return p.raster(h)
	case '(':
		return p.extended(h)
	case '8':
		if h[2] == 'L' {
			return p.graphics()
		}
		p.unknown(h)
	case 'H', 'h', 'w', 'f', 'P', 'T', 'b':
		// bar codes and units of motion: nothing of them is drawn
	default:
		p.unknown(h)
	}
	return nil
}

// extended obeys GS ( fn pL pH d….
func (p *Printer) extended(h []byte) error {
	switch h[2] {
	case 'L':
		return p.graphics()
	case 'k':
		return p.symbol()
	case 'H':
		return p.processID()
	case 'A', 'D', 'E', 'K', 'M', 'N': // test print and settings
		return nil
	}
	p.unknown(h)
	return nil
}

// processID answers GS ( H, function 48, when everything before it is on paper.
// The four bytes of the number are printable ASCII.
func (p *Printer) processID() error {
	if !p.c.ProcessID {
		return nil
	}
	d, err := p.data()
	if err != nil || len(d) != 6 || d[0] != 48 || d[1] != 48 {
		return err
	}
	for _, b := range d[2:] {
		if b < 32 || b > 126 {
			return nil
		}
	}
	p.answer(append(append([]byte{0x37, 0x22}, d[2:]...), 0)...)
	return nil
}

// sensor answers GS r n.
func (p *Printer) sensor(n byte) {
	switch n {
	case 1, '1':
		p.answer(p.paperByte())
	case 2, '2':
		p.answer(when(p.state.DrawerHigh, 1))
	}
}

// identify answers GS I n: as a common make does, for programs ask which they have
// before them.
func (p *Printer) identify(n byte) {
	switch n {
	case 1, '1', 2, '2', 3, '3':
		p.answer([]byte{0, 0x20, 0x02, 0x01}[n&3])
	case 65:
		p.answer([]byte("_1.00 ESC/POS\x00")...)
	case 66:
		p.answer([]byte("_EPSON\x00")...)
	case 67:
		p.answer([]byte("_TM-T88V\x00")...)
	case 68:
		p.answer([]byte("_0\x00")...)
	}
}

// unknown keeps the name of a command that is read over.
func (p *Printer) unknown(h []byte) {
	names := map[byte]string{esc: "ESC", fs: "FS", gs: "GS"}
	name := names[h[0]]
	if name == "" {
		name = hex(h[0])
	}
	for i, b := range h[1:] {
		if i > 0 && !(h[0] == gs && i == 1 && (h[1] == '(' || h[1] == '8')) {
			break
		}
		if b > ' ' && b < 0x7F {
			name += " " + string(rune(b))
			continue
		}
		name += " " + hex(b)
	}
	if len(p.strange) < 100 {
		p.strange = append(p.strange, name)
	}
}

func hex(b byte) string { return string("0123456789ABCDEF"[b>>4]) + string("0123456789ABCDEF"[b&15]) }
