package eid

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSituations(t *testing.T) {
	none := view{why: ErrNoReader}
	empty := func(counter uint16) view { return view{reader: "A", counter: counter} }
	card := func(counter uint16) view { return view{reader: "A", present: true, counter: counter} }
	mute := func(counter uint16) view { return view{reader: "A", present: true, mute: true, counter: counter} }
	other := view{reader: "B", present: true, counter: 1}
	for _, test := range []struct {
		name  string
		views []view
		want  string
	}{
		{"nothing happens", []view{empty(0), empty(0)}, ""},
		{"in already", []view{card(0)}, "inserted"},
		{"in and out", []view{empty(0), card(1), card(1), empty(2)}, "inserted removed"},
		{"another before the first was seen to leave", []view{card(1), card(3)}, "inserted removed inserted"},
		{"in and out unseen", []view{empty(0), empty(2)}, ""},
		{"the counter comes late", []view{empty(0), card(0), card(1), card(1), empty(1), empty(2), card(2), card(3)}, "inserted removed inserted"},
		{"the counter never comes", []view{empty(0), card(0), card(0), empty(0), card(0), card(0)}, "inserted removed inserted"},
		{"gone before the counter came", []view{empty(0), card(0), empty(2)}, ""},
		{"the counter begins anew", []view{card(0xFFFF), card(1)}, "inserted removed inserted"},
		{"unplugged with the card", []view{card(1), none, none}, "inserted removed lost"},
		{"unplugged and back", []view{empty(1), none, empty(0)}, "lost restored"},
		{"unplugged with the card and back with one", []view{card(1), none, card(1)}, "inserted removed lost restored inserted"},
		{"another reader at once", []view{card(1), other}, "inserted removed lost restored inserted"},
		{"the wrong way round, then right", []view{mute(1), mute(1), card(1)}, "inserted removed inserted"},
		{"silent later", []view{card(1), mute(1)}, "inserted"},
	} {
		s := situation{reader: "A"}
		var got []string
		for _, v := range test.views {
			for _, k := range s.next(v) {
				got = append(got, k.String())
			}
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, want %s", test.name, got, test.want)
		}
	}
}

// FuzzSituation looks at readers and cards in any order: what is reported keeps its
// grammar, and the same view three times leaves nothing to report.
func FuzzSituation(f *testing.F) {
	f.Add([]byte{1, 3, 1, 0, 2, 11, 7})
	f.Fuzz(func(t *testing.T, script []byte) {
		s := situation{reader: "A"}
		reader, inside := true, false
		for _, b := range script {
			v := view{counter: uint16(b >> 4), present: b&2 != 0, mute: b&4 != 0}
			if b&1 != 0 {
				v.reader = []string{"A", "B"}[b>>3&1]
			}
			for _, k := range append(s.next(v), s.next(v)...) {
				switch {
				case k == Inserted && reader && !inside, k == Removed && reader && inside:
					inside = !inside
				case k == Lost && reader && !inside, k == Restored && !reader:
					reader = !reader
				default:
					t.Fatalf("%v where reader is %v, card is %v", k, reader, inside)
				}
			}
			if reader != (v.reader != "") || inside != (v.reader != "" && v.present) {
				t.Fatalf("reported: reader %v, card %v; there is %+v", reader, inside, v)
			}
			if k := s.next(v); len(k) > 0 {
				t.Fatalf("%v where nothing has changed", k)
			}
		}
	})
}

func TestChoose(t *testing.T) {
	const real, second, vpcd = "ACS ACR39U ICC Reader 00 00", "Gemalto PC Twin Reader 01 00", "Virtual PCD 00 00"
	for _, test := range []struct {
		name      string
		config    Config
		connected []string
		before    string
		want      string
		err       error
	}{
		{"none", Config{}, nil, "", "", ErrNoReader},
		{"none, one before", Config{}, nil, real, "", ErrNoReader},
		{"a virtual one", Config{}, []string{vpcd}, "", "", ErrVirtualReader},
		{"a virtual one that is allowed by name", Config{Readers: []string{"Virtual PCD"}}, []string{vpcd}, "", "", ErrVirtualReader},
		{"a virtual one beside ours", Config{}, []string{real, vpcd}, real, "", ErrVirtualReader},
		{"virtual in another spelling", Config{}, []string{"My vIrTuAl reader 00 00"}, "", "", ErrVirtualReader},
		{"a virtual one for tests", Config{Virtual: true}, []string{vpcd}, "", vpcd, nil},
		{"any", Config{}, []string{real, second}, "", real, nil},
		{"by model", Config{Readers: []string{"Gemalto PC Twin Reader"}}, []string{real, second}, "", second, nil},
		{"by whole name", Config{Readers: []string{second}}, []string{real, second}, "", second, nil},
		{"by part of a name", Config{Readers: []string{"Gemalto"}}, []string{real, second}, "", "", ErrNoReader},
		{"by an empty name", Config{Readers: []string{""}}, []string{real}, "", "", ErrNoReader},
		{"the one before", Config{}, []string{real, second}, second, second, nil},
	} {
		got, err := test.config.choose(test.connected, test.before)
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
	}
	for name, want := range map[string]string{
		"A 00 00": "A", "A 1f 0A": "A", "A": "A", "": "", "A 0000": "A 0000", "A 0g 00": "A 0g 00", " 00 00": "", "A B 00 00": "A B",
	} {
		if got := model(name); got != want {
			t.Errorf("model of %q: %q", name, got)
		}
	}
}

func TestCalls(t *testing.T) {
	c := newCaller()
	if v, err := call(c, time.Minute, func() (int, error) { return 7, ErrGone }); v != 7 || err != ErrGone {
		t.Errorf("%d, %v", v, err)
	}
	release, back := make(chan struct{}), make(chan struct{})
	hanging := func() (int, error) { <-release; return 7, nil }
	if v, err := call(c, time.Millisecond, hanging); v != 0 || err != errHangs {
		t.Errorf("a call that hangs: %d, %v", v, err)
	}
	if _, err := call(c, time.Minute, func() (int, error) { t.Error("ran beside one that hangs"); return 0, nil }); err != errHangs {
		t.Errorf("a call behind one that hangs: %v", err)
	}
	go func() { c.idle(); close(back) }()
	select {
	case <-back:
		t.Error("idle while a call runs")
	default:
	}
	close(release)
	select {
	case <-back:
	case <-time.After(time.Minute):
		t.Fatal("never idle")
	}
	if _, err := call(c, time.Minute, func() (int, error) { return 0, nil }); err != errHangs {
		t.Errorf("a call after the end: %v", err)
	}
}

func TestSlotNames(t *testing.T) {
	long := strings.Repeat("x", 63) + " 00 00"
	for name, want := range map[string]string{"A 00 00": "A 00 00", long: strings.Repeat("x", 63), strings.Repeat("y", 70): strings.Repeat("y", 64)} {
		if got := slotName(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
	kinds := []string{EventKind(0).String()}
	for k := Inserted; k <= Restored; k++ {
		kinds = append(kinds, k.String())
	}
	slices.Sort(kinds)
	if len(slices.Compact(kinds)) != 5 {
		t.Errorf("kinds %v", kinds)
	}
}
