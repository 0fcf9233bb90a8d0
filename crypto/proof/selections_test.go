package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
)

func TestNewSelectionsRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		shape  Shape
		chosen []int
		err    string
	}{
		{"impossible shape", Shape{1}, []int{1}, "ballot shape: question 1 has 1 options, allowed are 2 to 16"},
		{"no questions", nil, nil, "ballot shape: 0 questions, allowed are 1 to 64"},
		{"too few", Shape{3, 3}, []int{1}, "selections: for 1 questions instead of 2"},
		{"too many", Shape{3}, []int{1, 1}, "selections: for 2 questions instead of 1"},
		{"none", Shape{3}, nil, "selections: for 0 questions instead of 1"},
		{"negative", Shape{3, 3}, []int{1, -1}, "selections: question 2 has no such option"},
		{"beyond the last", Shape{3}, []int{4}, "selections: question 1 has no such option"},
		{"beyond 32 bits", Shape{3}, []int{1 << 32}, "selections: question 1 has no such option"},
	} {
		if _, err := NewSelections(test.shape, test.chosen); err == nil || err.Error() != test.err {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
	}
}

// The error about a choice does not say what the choice was.
func TestSelectionErrorsTellNoChoice(t *testing.T) {
	_, a := NewSelections(Shape{3}, []int{777})
	_, b := NewSelections(Shape{3}, []int{-777})
	if a.Error() != b.Error() || strings.Contains(a.Error(), "777") {
		t.Errorf("%v, %v", a, b)
	}
}

func TestSelectionsCannotBePrinted(t *testing.T) {
	shape := Shape{16, 16, 16, 16}
	chosen := []int{11, 13, 15, 14}
	s, err := NewSelections(shape, chosen)
	if err != nil {
		t.Fatal(err)
	}
	held := struct{ chosen SecretSelections }{s} // an unexported field skips Format
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("m", "chosen", s, "held", held)
	}
	out := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%t"} {
		out += fmt.Sprintf(verb+verb+verb, s, &s, held) + "\n"
		for _, leak := range []string{strings.Trim(fmt.Sprintf(verb, chosen), "[]"), fmt.Sprintf(verb, chosen[:2])} {
			if strings.Contains(out, leak) {
				t.Errorf("%s printed %q:\n%s", verb, leak, out)
			}
		}
	}
	if !strings.Contains(fmt.Sprint(s), "redacted") || !strings.Contains(log.String(), "redacted") {
		t.Error("no placeholder")
	}
	if _, err := json.Marshal(s); err == nil || !strings.Contains(err.Error(), "selections in JSON") {
		t.Errorf("JSON: %v", err)
	}
	if _, err := s.MarshalText(); err == nil || !strings.Contains(err.Error(), "selections in a text") {
		t.Errorf("text: %v", err)
	}
}

// What was checked is what is held: the caller's slices may change.
func TestSelectionsAreCopied(t *testing.T) {
	shape, chosen := Shape{3, 2}, []int{1, 2}
	s, err := NewSelections(shape, chosen)
	if err != nil {
		t.Fatal(err)
	}
	shape[0], chosen[0] = 16, 9
	s.Export()[1] = 7
	if !slices.Equal(s.Export(), []int{1, 2}) || s.fit(Shape{3, 2}) != nil || s.fit(shape) == nil {
		t.Errorf("changed to %v", s.Export())
	}
}

func TestBitsAndPick(t *testing.T) {
	ctx := testContext(4)
	var values []group.Scalar
	for i := range 4 {
		values = append(values, group.NewScalar(uint64(100+i)))
	}
	for c := 0; c <= 4; c++ {
		s := choose(t, ctx, c)
		for i := 0; i <= 4; i++ {
			if (s.bit(0, i) == 1) != (i == c) || s.bit(0, i)&^1 != 0 {
				t.Errorf("choice %d: bit %d is %d", c, i, s.bit(0, i))
			}
		}
		want := group.NewScalar(0)
		if c > 0 {
			want = values[c-1]
		}
		if !s.pick(0, values).Equal(want) {
			t.Errorf("choice %d picks something else", c)
		}
	}
}
