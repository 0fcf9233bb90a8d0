package eidtest

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"
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

	powered   chan struct{} // closed once the daemon has given power and asked for the ATR
	forgotten chan struct{} // closed if the daemon takes the card for the one before it
	gone      chan struct{} // closed when the connection has ended
}

func plug(card *Card, address string) (*link, error) {
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
	l := &link{card: card, conn: tcp, raw: raw,
		powered: make(chan struct{}), forgotten: make(chan struct{}), gone: make(chan struct{})}
	go l.serve()
	return l, nil
}

// serve answers the reader until the connection ends.
func (l *link) serve() {
	defer close(l.gone)
	defer l.conn.Close()
	on, answers := false, 0
	for {
		message, err := l.receive()
		if err != nil {
			return
		}
		var answer []byte
		switch {
		case len(message) != 1:
			if answer = l.card.Transmit(message); answer == nil {
				continue
			}
		case message[0] == controlATR:
			answer = l.card.ATR()
			answers++
		default:
			l.card.Reset()
			on = on || message[0] == controlPowerOn
			continue
		}
		if err := l.send(answer); err != nil {
			return
		}
		l.tell(on, answers)
	}
}

// tell reports to who inserts the card. The daemon asks for the ATR to see whether a card is
// there, and gives power as soon as it has seen one (pcscd 1.9.9: after two looks in a
// row); where it goes on looking and gives none, it has not noticed that another card was there before.
func (l *link) tell(on bool, answers int) {
	if on {
		closeOnce(l.powered)
	} else if answers > 3 {
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

// pull ends the connection at once: what the reader still waits for never comes.
func (l *link) pull() { l.conn.Close() }
