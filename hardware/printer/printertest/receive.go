package printertest

import (
	"bytes"
	"errors"
	"io"
)

// reserve is how many bytes of data a printer with BusyOffline takes while offline.
const reserve = 16

// A link is the other end of a cable.
type link struct {
	rw      io.ReadWriter
	answers chan outgoing
	sent    chan struct{} // closed when nothing is sent any more
}

type outgoing struct {
	answer []byte
	change func([]byte) []byte
}

// Serve takes commands from rw, and answers there, until reading ends; then it
// waits until everything is printed that can be. The error is that of reading,
// nil at the end of a stream. A second Serve takes over.
func (p *Printer) Serve(rw io.ReadWriter) error {
	return p.serve(p.plug(rw))
}

func (p *Printer) serve(l *link) error {
	err := p.read(l)
	p.Wait()
	p.unplug(l)
	<-l.sent
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (p *Printer) plug(rw io.ReadWriter) *link {
	l := &link{rw: rw, answers: make(chan outgoing, 256), sent: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.link = l
	if !p.running && !p.closed {
		p.running = true
		go p.print()
	}
	p.wake.Broadcast()
	go l.send(l.answers)
	return l
}

// unplug ends a link. What is in the printer stays there.
func (p *Printer) unplug(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.link == l {
		p.link = nil
	}
	if l.answers != nil {
		close(l.answers)
		l.answers = nil
	}
	p.wake.Broadcast()
}

func (l *link) send(answers <-chan outgoing) {
	defer close(l.sent)
	broken := false
	for o := range answers {
		a := o.answer
		if o.change != nil {
			a = o.change(a)
		}
		if len(a) > 0 && !broken {
			_, err := l.rw.Write(a)
			broken = err != nil
		}
	}
}

// answer sends to the host. A host that does not read loses answers, as on a
// serial line.
func (p *Printer) answer(b ...byte) {
	if p.link == nil || p.link.answers == nil || p.silent || p.off {
		return
	}
	select {
	case p.link.answers <- outgoing{bytes.Clone(b), p.garbage}:
	default:
	}
}

// read takes bytes from the host as far as there is room for them.
func (p *Printer) read(l *link) error {
	chunk := make([]byte, 1024)
	for {
		n := p.room(l, len(chunk))
		if n == 0 {
			return nil
		}
		n, err := l.rw.Read(chunk[:n])
		p.receive(chunk[:n])
		if err != nil {
			return err
		}
	}
}

// room waits until the printer takes bytes, and returns how many, at most limit.
// It is 0 when this link has ended.
func (p *Printer) room(l *link, limit int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.link == l && !p.closed {
		if n := p.free(); n > 0 && !p.stopped {
			return min(n, limit)
		}
		p.wake.Wait()
	}
	return 0
}

// free is how many bytes the printer takes now. Once its buffer was full, it
// takes none until a quarter of it is free again.
func (p *Printer) free() int {
	if p.off {
		return p.c.Buffer // nothing holds back what runs into the void
	}
	n := p.c.Buffer - len(p.buffer)
	if n <= 0 {
		p.busy = true
	}
	if n >= (p.c.Buffer+3)/4 {
		p.busy = false
	}
	switch {
	case p.busy:
		return 0
	case p.c.BusyOffline && p.offline():
		return min(n, p.spare)
	}
	return n
}

// receive stores what has arrived, and obeys real-time commands.
func (p *Printer) receive(arrived []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.stopped && !p.closed {
		p.wake.Wait()
	}
	if p.off {
		return
	}
	for _, b := range arrived {
		p.arrive(b)
	}
	p.wake.Broadcast()
}

// arrive takes one byte. A real-time command between other commands is not
// stored; one whose bytes stand among another command's is obeyed and stored too.
func (p *Printer) arrive(b byte) {
	between := p.incoming.between() && b == dle || len(p.incoming.head) > 0 && p.incoming.head[0] == dle
	p.incoming.next(b)
	if !between {
		p.buffer = append(p.buffer, b)
		if p.offline() {
			p.spare--
		}
	}
	copy(p.recent[:], p.recent[1:])
	p.recent[len(p.recent)-1] = b
	if p.interrupt() {
		clear(p.recent[:])
	}
}

// interrupt obeys the real-time command that ends with the latest byte, if there
// is one.
func (p *Printer) interrupt() bool {
	if p.recent == clearBuffer {
		if p.c.NoClear {
			return true
		}
		p.clear()
		p.cutterError = false
		p.answer(0x37, 0x25, 0x00)
		p.changed()
		return true
	}
	last := p.recent[len(p.recent)-3:]
	switch {
	case last[0] != dle:
		return false
	case last[1] == eot:
		a := p.realTime(last[2])
		p.answer(a...)
		return a != nil
	case last[1] == enq:
		p.recover(last[2])
		return true
	}
	return false
}

// recover obeys DLE ENQ: 1 goes on with what failed, 2 clears the buffers first.
// Without an error it does nothing.
func (p *Printer) recover(n byte) {
	if !p.cutterError || n != 1 && n != 2 {
		return
	}
	if n == 2 {
		p.clear()
	}
	p.cutterError = false
	p.changed()
}

// clear empties the receive buffer and the line that is being put together. The
// command that is being obeyed ends at the next row.
func (p *Printer) clear() {
	p.buffer, p.line = nil, line{}
	p.incoming = framer{}
	p.cleared = true
	p.wake.Broadcast()
}
