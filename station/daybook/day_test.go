package daybook

import (
	"bytes"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
)

func today() Day {
	return Day{Election: record.Hash{1, 2, 3}, Station: "0007-01", Phase: Open, Slip: SlipPrinted, InUse: true,
		Sessions: 1, Cast: 2, Challenged: 3, Abandoned: 4, SlipsPrinted: 5, SlipsVoided: 6}
}

func TestValidateRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(d *Day)
		says  string
	}{
		{"no station", func(d *Day) { d.Station = "" }, "station id of 0 bytes"},
		{"a long station", func(d *Day) { d.Station = strings.Repeat("x", 65) }, "station id of 65 bytes"},
		{"no such phase", func(d *Day) { d.Phase = Closed + 1 }, "phase 4"},
		{"no such slip", func(d *Day) { d.Slip = SlipChallenge + 1 }, "slip 4"},
	} {
		d := today()
		test.spoil(&d)
		if err := d.validate(); err == nil || err.Error() != test.says {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestFollowsRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		then func(d *Day)
		says string
	}{
		{"another election", func(d *Day) { d.Election[31] = 1 }, "another election or station"},
		{"another station", func(d *Day) { d.Station = "0007-02" }, "another election or station"},
		{"sessions fall", func(d *Day) { d.Sessions-- }, "counter 0 falls from 1 to 0"},
		{"ballots fall", func(d *Day) { d.Cast-- }, "counter 1 falls from 2 to 1"},
		{"challenges fall", func(d *Day) { d.Challenged-- }, "counter 2 falls from 3 to 2"},
		{"abandoned fall", func(d *Day) { d.Abandoned-- }, "counter 3 falls from 4 to 3"},
		{"printed fall", func(d *Day) { d.SlipsPrinted-- }, "counter 4 falls from 5 to 4"},
		{"voided fall", func(d *Day) { d.SlipsVoided-- }, "counter 5 falls from 6 to 5"},
	} {
		old, d := today(), today()
		test.then(&d)
		if err := d.follows(&old); err == nil || err.Error() != test.says {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestPhases tries every phase after every other.
func TestPhases(t *testing.T) {
	may := map[[2]Phase]bool{
		{Provisioned, Open}: true, {Open, Suspended}: true, {Suspended, Open}: true, {Open, Closed}: true, {Suspended, Closed}: true,
	}
	for a := Provisioned; a <= Closed; a++ {
		for b := Provisioned; b <= Closed; b++ {
			old, d := today(), today()
			old.Phase, d.Phase = a, b
			if err := d.follows(&old); (err == nil) != (a == b || may[[2]Phase{a, b}]) {
				t.Errorf("phase %d after %d: %v", b, a, err)
			}
		}
	}
}

// TestRowKeepsItsSize: whatever the day says, SQLite overwrites the row in place.
func TestRowKeepsItsSize(t *testing.T) {
	long := today()
	long.Station, long.Sessions = strings.Repeat("x", maxStation), 1<<32-1
	for _, d := range []Day{{Station: "1"}, today(), long} {
		b := d.encode()
		if len(b) != size {
			t.Errorf("a row of %d bytes instead of %d", len(b), size)
		}
		if got, err := decode(b); err != nil || got != d {
			t.Errorf("%+v comes back as %+v, %v", d, got, err)
		}
	}
}

func FuzzDay(f *testing.F) {
	d := today()
	good := d.encode()
	f.Add(good)
	f.Add(good[1:])
	f.Add([]byte{})
	for _, at := range []int{32, 33 + 7, 33 + maxStation, 33 + maxStation + 1, 33 + maxStation + 2} {
		bad := bytes.Clone(good)
		bad[at] = 0xee
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := decode(b)
		if err != nil {
			if d != (Day{}) {
				t.Errorf("an error and %+v", d)
			}
			return
		}
		if !bytes.Equal(d.encode(), b) {
			t.Errorf("two encodings of one day:\n%x\n%x", b, d.encode())
		}
	})
}

func TestDamagedRows(t *testing.T) {
	d := today()
	for name, spoil := range map[string]func(b []byte) []byte{
		"short":             func(b []byte) []byte { return b[1:] },
		"long":              func(b []byte) []byte { return append(b, 0) },
		"a long name":       func(b []byte) []byte { b[32] = maxStation + 1; return b },
		"no name":           func(b []byte) []byte { clear(b[32:97]); return b },
		"not padded":        func(b []byte) []byte { b[96] = 1; return b },
		"no such phase":     func(b []byte) []byte { b[97] = 4; return b },
		"no such slip":      func(b []byte) []byte { b[98] = 4; return b },
		"neither yes or no": func(b []byte) []byte { b[99] = 2; return b },
	} {
		if got, err := decode(spoil(d.encode())); err != errDamaged {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func FuzzPlace(f *testing.F) {
	f.Add(encodePlace("closing.json", []byte("content")))
	f.Add(encodePlace("", nil))
	f.Add(encodePlace("", []byte("content without a name")))
	f.Add(encodePlace("name", nil)[1:])
	long := encodePlace("name", nil)
	long[0] = MaxName + 1
	f.Add(long)
	dirty := encodePlace("name", []byte("content"))
	dirty[placeSize-1] = 1
	f.Add(dirty)
	f.Fuzz(func(t *testing.T, b []byte) {
		name, content, err := decodePlace(b)
		if err != nil {
			return
		}
		if !bytes.Equal(encodePlace(name, content), b) {
			t.Errorf("two encodings of one place, %q", name)
		}
	})
}

func TestDamagedPlaces(t *testing.T) {
	for name, spoil := range map[string]func(b []byte) []byte{
		"short":              func(b []byte) []byte { return b[1:] },
		"a long name":        func(b []byte) []byte { b[0] = MaxName + 1; return b },
		"a long document":    func(b []byte) []byte { b[1+MaxName] = 0xff; return b },
		"a name not padded":  func(b []byte) []byte { b[MaxName] = 1; return b },
		"not padded":         func(b []byte) []byte { b[placeSize-1] = 1; return b },
		"content, no name":   func(b []byte) []byte { clear(b[:1+MaxName]); return b },
		"nothing of a place": func([]byte) []byte { return nil },
	} {
		if n, _, err := decodePlace(spoil(encodePlace("name", []byte("content")))); err != errDamaged {
			t.Errorf("%s: %q, %v", name, n, err)
		}
	}
}
