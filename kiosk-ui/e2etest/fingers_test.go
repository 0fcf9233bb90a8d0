package e2etest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// fingers touch and type through X's extension for tests (XTEST Extension
// Protocol, Version 2.2): what they do is to the program as if hands did it,
// with no time between a motion and a press.
type fingers struct {
	conn   net.Conn
	opcode byte // of the extension
}

// Requests and events of the X protocol (X Window System Protocol, Version 11,
// Appendix B), and of the extension.
const (
	queryExtension = 98
	getInputFocus  = 43
	fakeInput      = 2

	keyPress, keyRelease       = 2, 3
	buttonPress, buttonRelease = 4, 5
	motion                     = 6

	primary = 1 // button
)

var order = binary.LittleEndian

// newFingers connects to the display with a number.
func newFingers(number string) (*fingers, error) {
	f := &fingers{}
	var err error
	if f.conn, err = net.Dial("unix", "/tmp/.X11-unix/X"+number); err != nil {
		return nil, fmt.Errorf("connecting to the display: %w", err)
	}
	if err := f.connect(); err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to the display: %w", err), f.conn.Close())
	}
	return f, nil
}

func (f *fingers) connect() error {
	if _, err := f.conn.Write([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	var head [8]byte
	if _, err := io.ReadFull(f.conn, head[:]); err != nil {
		return err
	}
	if head[0] != 1 {
		return errors.New("it was refused")
	}
	if _, err := io.CopyN(io.Discard, f.conn, 4*int64(order.Uint16(head[6:]))); err != nil {
		return err
	}
	const name = "XTEST"
	request := append([]byte{queryExtension, 0, 4, 0, byte(len(name)), 0, 0, 0}, name+"\x00\x00\x00"...)
	reply, err := f.ask(request)
	if err != nil {
		return err
	}
	if reply[8] == 0 {
		return errors.New("it has no XTEST")
	}
	f.opcode = reply[9]
	return nil
}

// ask sends a request and returns the first 32 bytes of its reply, which are all
// of those that are asked for here.
func (f *fingers) ask(request []byte) ([32]byte, error) {
	var reply [32]byte
	if _, err := f.conn.Write(request); err != nil {
		return reply, err
	}
	for {
		if _, err := io.ReadFull(f.conn, reply[:]); err != nil {
			return reply, err
		}
		switch reply[0] {
		case 0:
			return reply, fmt.Errorf("X error %d", reply[1])
		case 1:
			return reply, nil
		} // an event, such as another keyboard
	}
}

// input is one request for the extension to act.
func (f *fingers) input(kind, detail byte, x, y int) []byte {
	b := make([]byte, 36)
	b[0], b[1], b[2] = f.opcode, fakeInput, byte(len(b)/4)
	b[4], b[5] = kind, detail
	order.PutUint16(b[24:], uint16(x))
	order.PutUint16(b[26:], uint16(y))
	return b
}

// act does several things at once, and returns when X has done them.
func (f *fingers) act(inputs ...[]byte) error {
	var all []byte
	for _, b := range inputs {
		all = append(all, b...)
	}
	_, err := f.ask(append(all, getInputFocus, 0, 1, 0))
	return err
}

func (f *fingers) touch(x, y int) error {
	return f.act(f.input(motion, 0, x, y), f.input(buttonPress, primary, 0, 0), f.input(buttonRelease, primary, 0, 0))
}

// apart is how long X waits before a key goes down again, in milliseconds. What
// is pressed within 20 of its release counts as a key that is held (GLFW,
// x11_window.c), and no hand is so quick.
const apart = 40

// key presses the key with a code.
func (f *fingers) key(code byte) error {
	press := f.input(keyPress, code, 0, 0)
	order.PutUint32(press[8:], apart)
	return f.act(press, f.input(keyRelease, code, 0, 0))
}
