package printer

import (
	"bytes"
	"slices"
	"testing"
)

// decode decodes all of b, and returns what is left over too.
func decode(b []byte) (answers []answer, half []byte) {
	var d decoder
	for _, c := range b {
		if a, ok := d.next(c); ok {
			answers = append(answers, a)
		}
	}
	return answers, slices.Clone(d.have[:d.n])
}

func TestDecode(t *testing.T) {
	an := func(k kind, b ...byte) answer {
		a := answer{kind: k}
		copy(a.b[:], b)
		return a
	}
	tests := []struct {
		name string
		in   []byte
		want []answer
		half int // bytes left over
	}{
		{"bit 7 is never set", []byte{0x92}, []answer{an(noise)}, 0},
		{"text", []byte("q~"), []answer{an(noise), an(realTime, 0x7E)}, 0},
		{"what a loop-back plug returns", []byte{0x10, 0x04, 0x01}, nil, 3},
		{"half an automatic status", []byte{0x14, 0, 0}, nil, 3},
		{"an automatic status that another breaks off", []byte{0x14, 0, 0x18, 0, 0, 0x0F}, []answer{an(noise), an(autoStatus, 0x18, 0, 0, 0x0F)}, 0},
		{"an automatic status that noise breaks off", []byte{0x14, 0, 0xFF, 0x12}, []answer{an(noise), an(realTime, 0x12)}, 0},
		{"an automatic status that a process id breaks off", []byte{0x14, 0x37, 0x22}, []answer{an(noise)}, 2},
		{"half a process id", []byte{0x37, 0x22, 'A', 'B'}, nil, 4},
		{"a process id without its end", []byte{0x37, 0x22, 'A', 'B', 'C', 'D', 'E'}, []answer{an(noise)}, 0},
		{"a process id that ends early", []byte{0x37, 0x22, 'A', 0, 0x12}, []answer{an(noise), an(realTime, 0x12)}, 0},
		{"a process id with a letter that is none of ours", []byte{0x37, 0x22, 'A', 'B', 'C', 'Q', 0}, []answer{an(noise), an(sensor, 0)}, 0},
		{"a block of another kind", []byte{0x37, 0x21, 0}, []answer{an(noise), an(sensor, 0)}, 0},
		{"a process id in the middle of which the real-time status comes", []byte{0x37, 0x22, 'A', 0x1E, 'B', 'C', 0x13, 'D', 0x11, 0},
			[]answer{an(realTime, 0x1E), an(flowOff), an(flowOn), an(processID, 'A', 'B', 'C', 'D')}, 0},
		{"all kinds", []byte{0x12, 0x7E, 0x10, 0, 0x0F, 0x0F, 0x0C, 0x37, 0x25, 0, 0x37, 0x22, 'a', 'b', 'c', 'd', 0, 0x13},
			[]answer{an(realTime, 0x12), an(realTime, 0x7E), an(autoStatus, 0x10, 0, 0x0F, 0x0F), an(sensor, 0x0C), an(cleared),
				an(processID, 'a', 'b', 'c', 'd'), an(flowOff)}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, half := decode(test.in)
			if !slices.Equal(got, test.want) || len(half) != test.half {
				t.Errorf("got %v, and %d bytes left over; want %v and %d", got, len(half), test.want, test.half)
			}
		})
	}
}

// FuzzDecode: whatever comes in, an id is only heard if it stands there, in its
// order, and nothing is made of fewer bytes than it has.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0x37, 0x22, 'A', 'B', 'C', 'D', 0})
	f.Add([]byte{0x10, 0, 0x0C, 0x0F, 0x37, 0x25, 0, 0x12, 0x13})
	f.Add([]byte{0x37, 0x22, 'A', 0x16, 'B', 'C', 0x11, 'D', 0})
	f.Add([]byte{0x14, 0, 0x37, 0x22, 'A', 'B', 0xFF, 'C', 'D', 0})
	sizes := map[kind]int{noise: 1, realTime: 1, autoStatus: 4, sensor: 1, processID: 7, cleared: 3, flowOff: 1, flowOn: 1}
	f.Fuzz(func(t *testing.T, b []byte) {
		answers, half := decode(b)
		total, from := len(half), 0
		for _, a := range answers {
			total += sizes[a.kind]
			if a.kind != processID {
				continue
			}
			for _, want := range append([]byte{0x37, 0x22}, append(a.b[:], 0)...) {
				i := bytes.IndexByte(b[from:], want)
				if i < 0 {
					t.Fatalf("%X has no %X", b, a.b)
				}
				from += i + 1
			}
		}
		if total > len(b) {
			t.Errorf("%d bytes became answers of %d", len(b), total)
		}
	})
}

func TestCondition(t *testing.T) {
	tests := []struct {
		name string
		in   [4]byte // answers to DLE EOT 1 to 4
		want Fault
		stop Fault
		low  bool
	}{
		{"an unrecoverable error, and everything else", [4]byte{0x1A, 0x76, 0x3A, 0x7E}, Broken, Broken, true},
		{"cover open, no paper seen", [4]byte{0x1A, 0x36, 0x12, 0x7E}, CoverOpen, CoverOpen, true},
		{"cutter", [4]byte{0x1A, 0x52, 0x1A, 0x12}, CutterStuck, CutterStuck, false},
		{"another recoverable error", [4]byte{0x1A, 0x52, 0x16, 0x12}, CutterStuck, CutterStuck, false},
		{"paper end", [4]byte{0x1A, 0x32, 0x12, 0x7E}, PaperOut, PaperOut, true},
		{"printing stopped for paper, sensor not set", [4]byte{0x1A, 0x32, 0x12, 0x12}, PaperOut, PaperOut, false},
		{"paper end on one sensor of two", [4]byte{0x12, 0x12, 0x12, 0x32}, PaperOut, PaperOut, false},
		{"the head is hot", [4]byte{0x1A, 0x52, 0x52, 0x12}, Offline, NoFault, false},
		{"the feed button is held", [4]byte{0x5A, 0x1A, 0x12, 0x12}, Offline, NoFault, false},
		{"near end", [4]byte{0x12, 0x12, 0x12, 0x1E}, NoFault, NoFault, true},
		{"a drawer", [4]byte{0x16, 0x12, 0x12, 0x12}, NoFault, NoFault, false},
		{"good", [4]byte{0x12, 0x12, 0x12, 0x12}, NoFault, NoFault, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var c condition
			for i, b := range test.in {
				c.realTime(i+1, b)
			}
			if c.fault() != test.want || c.stops() != test.stop || c.paperLow != test.low {
				t.Errorf("%v, stops printing: %v, low: %v", c.fault(), c.stops(), c.paperLow)
			}
		})
	}
}

func TestAutomatic(t *testing.T) {
	tests := []struct {
		in   [4]byte
		want Fault
		low  bool
	}{
		{[4]byte{0x18, 0x20, 0, 0x0F}, Broken, false},
		{[4]byte{0x38, 0, 0x0F, 0x0F}, CoverOpen, true},
		{[4]byte{0x18, 0x08, 0, 0x0F}, CutterStuck, false},
		{[4]byte{0x18, 0, 0x0F, 0x0F}, PaperOut, true},
		{[4]byte{0x18, 0x40, 0, 0x0F}, Offline, false},
		{[4]byte{0x10, 0, 0x03, 0x0F}, NoFault, true},
		{[4]byte{0x14, 0, 0, 0}, NoFault, false},
	}
	for _, test := range tests {
		if c := automatic(test.in); c.fault() != test.want || c.paperLow != test.low {
			t.Errorf("% X: %v, low: %v; want %v, %v", test.in, c.fault(), c.paperLow, test.want, test.low)
		}
	}
}
