package machine

import (
	"reflect"
	"testing"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/rollbook"
)

// reach collects every type that a value of a type leads to.
func reach(t reflect.Type, seen map[reflect.Type]bool) map[reflect.Type]bool {
	if seen[t] {
		return seen
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		reach(t.Elem(), seen)
	case reflect.Map:
		reach(t.Key(), seen)
		reach(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			reach(t.Field(i).Type, seen)
		}
	case reflect.Func:
		for i := range t.NumIn() {
			reach(t.In(i), seen)
		}
		for i := range t.NumOut() {
			reach(t.Out(i), seen)
		}
	}
	return seen
}

// TestDeskAndBooth: what the desk can reach has no ballot in it, what the booth
// can reach has no voter, and the screen's state has neither.
func TestDeskAndBooth(t *testing.T) {
	voter := []reflect.Type{
		reflect.TypeFor[rollbook.Attendance](), reflect.TypeFor[station.Card](), reflect.TypeFor[func(*database.Tx) error](),
	}
	vote := []reflect.Type{
		reflect.TypeFor[proof.SecretSelections](), reflect.TypeFor[elgamal.SecretSeed](), reflect.TypeFor[ballot](), reflect.TypeFor[record.ChallengedBallot](),
	}
	for _, test := range []struct {
		holder reflect.Type
		never  [][]reflect.Type
	}{
		{reflect.TypeFor[desk](), [][]reflect.Type{vote}},
		{reflect.TypeFor[booth](), [][]reflect.Type{voter}},
		{reflect.TypeFor[station.State](), [][]reflect.Type{vote, voter}},
		{reflect.TypeFor[owed](), [][]reflect.Type{vote, voter}},
		{reflect.TypeFor[Config](), [][]reflect.Type{vote, voter[:1]}},
	} {
		reached := reach(test.holder, map[reflect.Type]bool{})
		for _, types := range test.never {
			for _, never := range types {
				if reached[never] {
					t.Errorf("%v reaches %v", test.holder, never)
				}
			}
		}
	}
	both := reach(reflect.TypeFor[Machine](), map[reflect.Type]bool{})
	for _, of := range append(voter[1:], vote[:3]...) {
		if !both[of] {
			t.Errorf("Machine does not reach %v: this test looks for the wrong types", of)
		}
	}
}
