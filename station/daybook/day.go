package daybook

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/record"
)

// A Phase says where the polls are.
type Phase byte

// The phases, in the order in which they come. Suspended goes back to Open.
const (
	Provisioned Phase = iota
	Open
	Suspended
	Closed
)

// A Slip says what happened to the last slip, for who starts after a power cut.
type Slip byte

// The fates of a slip.
const (
	NoSlip        Slip = iota // none behind the window
	SlipPrinted               // printed, or being printed; its ballot is not cast
	SlipCast                  // its ballot is cast; it has to drop into the box
	SlipChallenge             // its ballot was opened; it has to be voided
)

// A Day is the row.
type Day struct {
	Election record.Hash
	Station  string
	Phase    Phase
	Slip     Slip
	InUse    bool // a session is going on

	Sessions, Cast, Challenged, Abandoned, SlipsPrinted, SlipsVoided uint32
}

const (
	maxStation = 64
	size       = 32 + 1 + maxStation + 3 + 6*4
)

// counters lists the counters in their order in the row.
func (d *Day) counters() []*uint32 {
	return []*uint32{&d.Sessions, &d.Cast, &d.Challenged, &d.Abandoned, &d.SlipsPrinted, &d.SlipsVoided}
}

// validate refuses a row that no station can be in.
func (d *Day) validate() error {
	switch {
	case len(d.Station) == 0 || len(d.Station) > maxStation:
		return fmt.Errorf("station id of %d bytes", len(d.Station))
	case d.Phase > Closed:
		return fmt.Errorf("phase %d", d.Phase)
	case d.Slip > SlipChallenge:
		return fmt.Errorf("slip %d", d.Slip)
	}
	return nil
}

// next lists the phases that may follow.
func (p Phase) next() []Phase {
	switch p {
	case Provisioned:
		return []Phase{Open}
	case Open:
		return []Phase{Suspended, Closed}
	case Suspended:
		return []Phase{Open, Closed}
	}
	return nil
}

// follows refuses what never happens in a day: counters only rise, closed polls
// stay closed, and polls that were never opened are neither suspended nor closed.
func (d *Day) follows(old *Day) error {
	if d.Election != old.Election || d.Station != old.Station {
		return errors.New("another election or station")
	}
	if d.Phase != old.Phase && !slices.Contains(old.Phase.next(), d.Phase) {
		return fmt.Errorf("phase %d after %d", d.Phase, old.Phase)
	}
	before := old.counters()
	for i, n := range d.counters() {
		if *n < *before[i] {
			return fmt.Errorf("counter %d falls from %d to %d", i, *before[i], *n)
		}
	}
	return nil
}

func (d *Day) encode() []byte {
	b := make([]byte, 0, size)
	b = append(b, d.Election[:]...)
	b = append(b, byte(len(d.Station)))
	b = append(b, d.Station...)
	b = append(b, make([]byte, maxStation-len(d.Station))...)
	inUse := byte(0)
	if d.InUse {
		inUse = 1
	}
	b = append(b, byte(d.Phase), byte(d.Slip), inUse)
	for _, n := range d.counters() {
		b = binary.BigEndian.AppendUint32(b, *n)
	}
	return b
}

// errDamaged is a row that encode never wrote.
var errDamaged = errors.New("daybook: damaged")

func decode(b []byte) (Day, error) {
	if len(b) != size || b[32] > maxStation {
		return Day{}, errDamaged
	}
	n := int(b[32])
	d := Day{Election: record.Hash(b[:32]), Station: string(b[33 : 33+n])}
	for _, padding := range b[33+n : 33+maxStation] {
		if padding != 0 {
			return Day{}, errDamaged
		}
	}
	b = b[33+maxStation:]
	if b[2] > 1 {
		return Day{}, errDamaged
	}
	d.Phase, d.Slip, d.InUse = Phase(b[0]), Slip(b[1]), b[2] == 1
	for i, n := range d.counters() {
		*n = binary.BigEndian.Uint32(b[3+4*i:])
	}
	if d.validate() != nil {
		return Day{}, errDamaged
	}
	return d, nil
}
