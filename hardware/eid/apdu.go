package eid

import (
	"errors"
	"fmt"
)

// A status is the two bytes at the end of a card's answer (ISO/IEC 7816-4,
// Section 5.1.3).
type status uint16

// The statuses that mean something here.
const (
	statusOK       status = 0x9000
	statusNoPIN    status = 0x6982 // security status not satisfied
	statusBlocked  status = 0x6983 // authentication method blocked
	statusNoFile   status = 0x6A82 // file or application not found
	statusNoObject status = 0x6A88 // referenced data not found
	statusNoInfo   status = 0x6300 // verification failed, no counter
	statusTries    status = 0x63C0 // verification failed, tries in the last digit
)

func (s status) Error() string { return fmt.Sprintf("the card answers with status %04X", uint16(s)) }

// Bounds of what a card may answer.
const (
	maxAnswer  = 1 << 16 // bytes of one answer, all its parts together
	maxParts   = 300     // parts of one answer
	shortChunk = 255     // bytes of data in one short command
	shortMax   = 256     // bytes of data in one short answer
)

// A channel speaks commands (ISO/IEC 7816-4) to a card. Short ones only: every
// card and reader has them.
type channel struct {
	transmit func(command []byte) ([]byte, error)

	// t0 says that the card speaks T=0: a command with data does not name the
	// length of the answer then, and one with nothing has a zero
	// (ISO/IEC 7816-3, Section 12.2).
	t0 bool
}

// A command is what is sent, split into as many short commands as its data needs.
type command struct {
	ins, p1, p2 byte
	data        []byte
	answer      bool // data is expected in the answer
}

// send sends a command and returns the data and the status of the answer.
func (c channel) send(m command) ([]byte, status, error) {
	for len(m.data) > shortChunk {
		part := []byte{0x10, m.ins, m.p1, m.p2, shortChunk} // command chaining, ISO/IEC 7816-4, Section 5.1.1.1
		data, s, err := c.exchange(append(part, m.data[:shortChunk]...), false)
		if err != nil || s != statusOK {
			return nil, s, err
		}
		if len(data) > 0 {
			return nil, 0, errors.New("the card answers before the command is complete")
		}
		m.data = m.data[shortChunk:]
	}
	b := []byte{0x00, m.ins, m.p1, m.p2}
	if len(m.data) > 0 {
		b = append(append(b, byte(len(m.data))), m.data...)
	}
	le := m.answer && (len(m.data) == 0 || !c.t0)
	if le || len(b) == 4 && c.t0 {
		b = append(b, 0x00)
	}
	return c.exchange(b, le)
}

// exchange sends one short command, whose last byte is the expected length if le
// is set, and collects the parts of the answer.
func (c channel) exchange(b []byte, le bool) ([]byte, status, error) {
	var answer []byte
	corrected := false
	for range maxParts {
		part, s, err := c.once(b)
		if err != nil {
			return nil, 0, err
		}
		if s>>8 == 0x6C { // wrong length; the right one is in the low byte
			if !le || corrected || len(part) > 0 {
				return nil, 0, s
			}
			b, corrected = append(b[:len(b)-1:len(b)-1], byte(s)), true
			continue
		}
		answer = append(answer, part...)
		if len(answer) > maxAnswer {
			return nil, 0, fmt.Errorf("the card's answer is longer than %d bytes", maxAnswer)
		}
		if s>>8 != 0x61 { // more of the answer; how much is in the low byte
			return answer, s, nil
		}
		b, le, corrected = []byte{0x00, 0xC0, 0x00, 0x00, byte(s)}, true, false // GET RESPONSE
	}
	return nil, 0, fmt.Errorf("the card's answer has more than %d parts", maxParts)
}

func (c channel) once(b []byte) ([]byte, status, error) {
	r, err := c.transmit(b)
	if err != nil {
		return nil, 0, err
	}
	n := len(r) - 2
	if n < 0 || n > shortMax {
		return nil, 0, fmt.Errorf("the card answers with %d bytes", len(r))
	}
	return r[:n], status(r[n])<<8 | status(r[n+1]), nil
}
