package eidtest

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"
)

// The reader's control messages of one byte (virtualsmartcard, doc/api.txt). Only the last is answered.
const (
	controlPowerOff = 0
	controlPowerOn  = 1
	controlReset    = 2
	controlATR      = 4
)

// A link is a card in a reader: its connection to vpcd. Messages are two bytes of length, big
// endian, and as many bytes. The end of the connection is the card's removal.
type link struct {
	card *Card
	conn *net.TCPConn
	raw  syscall.RawConn
	next time.Duration // after which the daemon has surely looked

	powered   chan struct{} // closed once the daemon has given power and asked for the ATR
	forgotten chan struct{} // closed if the daemon takes the card for the one before it
	gone      chan struct{} // closed when the daemon knows that the card is gone

	mu      sync.Mutex // guards what follows
	removed bool
	owing   bool // the reader waits for an answer
}

// The daemon looks each 400 ms whether a card is there, twice in a row where the first look finds
// none. A card that is put in between the two, or before the look that would have found
// none, is to it the card that was there before.
const (
	secondLook = 50 * time.Millisecond  // so long after the first the second is over
	nextLook   = 500 * time.Millisecond // so long after anything it has looked by itself
	hurried    = 100 * time.Millisecond // or been made to look
)

// enoughLooks without giving power tell that a card is taken for the one before: two, and some that others than the
// daemon's own thread may have caused. A card that is given up too early comes twice.
const enoughLooks = 5

func plug(card *Card, address string, next time.Duration) (*link, error) {
	conn, err := net.Dial("tcp4", address)
	if err != nil {
		return nil, fmt.Errorf("connecting to the virtual reader: %w", err)
	}
	tcp := conn.(*net.TCPConn)
	raw, err := tcp.SyscallConn()
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("connecting to the virtual reader: %w", err)
	}
	card.Reset()
	l := &link{card: card, conn: tcp, raw: raw, next: next,
		powered: make(chan struct{}), forgotten: make(chan struct{}), gone: make(chan struct{})}
	go l.serve()
	return l, nil
}

// serve answers the reader until the card is removed or the daemon ends.
func (l *link) serve() {
	defer close(l.gone)
	defer l.pull()
	on, looks := false, 0
	for {
		message, err := l.receive()
		if err != nil {
			return
		}
		var answer []byte
		control := byte(0xFF)
		if len(message) == 1 {
			control = message[0]
		}
		switch control {
		case controlPowerOff, controlPowerOn, controlReset:
			l.card.Reset()
			on, looks = on || control == controlPowerOn, 0
			continue
		case controlATR:
			looks++
			answer = l.card.ATR()
		}
		if l.owe() && control != controlATR {
			answer = l.card.Transmit(message)
		}
		if l.answer(answer) {
			l.tell(on, looks)
			continue
		}
		l.pull()
		if control == controlATR {
			time.Sleep(secondLook)
		} else {
			time.Sleep(l.next) // that a command failed tells the daemon nothing
		}
		return
	}
}

// owe notes that the reader waits for an answer; it is false if the card is out.
func (l *link) owe() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owing = true
	return !l.removed
}

// answer sends the answer, if there is one; it is false if the card is out.
func (l *link) answer(answer []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.removed || len(answer) == 0 {
		return !l.removed
	}
	l.owing = false
	return l.send(answer) == nil
}

// pull takes the card out. The reader hears of it as from a real one: nothing before it looks
// or sends a command, which then fails; and a command that waits for its answer
// fails at once.
func (l *link) pull() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.removed = true
	if l.owing {
		l.cut()
	}
}

// cut ends the connection. Where the reader waits for an answer, it ends in the middle of
// one, and by a reset: any other end vpcd takes for an answer of no bytes.
func (l *link) cut() {
	_, _ = l.conn.Write([]byte{0, 2})
	_ = l.conn.SetLinger(0)
	_ = l.conn.Close()
}

// tell reports to who inserts the card. The daemon asks for the ATR to see whether a card is
// there, and gives power as soon as it has seen one (pcscd 1.9.9: after two looks in a
// row); where it goes on looking and gives none, it has not noticed that another card was there before.
// A client that lets go of the card before has power taken away and looked once more, in between.
func (l *link) tell(on bool, looks int) {
	if on {
		closeOnce(l.powered)
	} else if looks > enoughLooks {
		closeOnce(l.forgotten)
	}
}

func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// receive reads one message. The reader writes length and bytes apart, and
// Linux would hold the second back until the first is acknowledged: without
// quick acknowledgements, which have to be asked for again each time, every command costs 40 ms.
func (l *link) receive() ([]byte, error) {
	err := l.raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // slower without
	})
	if err != nil {
		return nil, err
	}
	var n [2]byte
	if _, err := io.ReadFull(l.conn, n[:]); err != nil {
		return nil, err
	}
	message := make([]byte, binary.BigEndian.Uint16(n[:]))
	_, err = io.ReadFull(l.conn, message)
	return message, err
}

// send writes one message; what does not fit its length is cut off.
func (l *link) send(answer []byte) error {
	answer = answer[:min(len(answer), 0xFFFF)]
	_, err := l.conn.Write(slices.Concat(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer))
	return err
}
