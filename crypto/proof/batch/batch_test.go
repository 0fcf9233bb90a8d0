package batch

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
)

const station = "09007-010-0001-0001"

func testContext(t testing.TB, shape ...int) proof.Context {
	t.Helper()
	key, err := elgamal.ParsePublicKey(group.MulBase(group.HashToScalar("key", nil)).Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return proof.Context{Election: [32]byte{1, 2, 3}, Station: station, Key: key, Shape: shape}
}

// made makes n ballots with all kinds of selections.
func made(t testing.TB, ctx proof.Context, n int) []byte {
	t.Helper()
	var all []byte
	for i := range n {
		chosen := make([]int, len(ctx.Shape))
		for q, options := range ctx.Shape {
			chosen[q] = (i + q) % (options + 1)
		}
		selections, err := proof.NewSelections(ctx.Shape, chosen)
		if err != nil {
			t.Fatal(err)
		}
		b, err := proof.Make(rand.Reader, ctx, selections, elgamal.SeedFromBytes([elgamal.SeedSize]byte{byte(i), byte(i >> 8), 1}))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b.Bytes()...)
	}
	return all
}

// judged is what package proof says of each ballot. It remembers what it said.
func judged(ctx proof.Context, ballots []byte) []Bad {
	var bad []Bad
	size := ctx.Shape.Size()
	for i := range len(ballots) / size {
		ballot := ballots[i*size:][:size]
		key := fmt.Sprint(ctx.Election, ctx.Station, ctx.Key.Element().Bytes(), ctx.Shape, ballot)
		verdict, known := verdicts.Load(key)
		if !known {
			b, err := proof.ParseBallot(ctx.Shape, ballot)
			verdict = Bad{Encoding: err != nil, Err: err}
			if err == nil {
				verdict = Bad{Err: proof.Verify(ctx, b)}
			}
			verdicts.Store(key, verdict)
		}
		if v := verdict.(Bad); v.Err != nil {
			v.Index = i
			bad = append(bad, v)
		}
	}
	return bad
}

var verdicts sync.Map // of package proof, by context and ballot

// added is the sum of the ballots that are well formed, one by one.
func added(t testing.TB, ctx proof.Context, ballots []byte) string {
	t.Helper()
	var sums [][]elgamal.Ciphertext
	for _, n := range ctx.Shape {
		row := make([]elgamal.Ciphertext, n)
		for i := range row {
			row[i] = elgamal.Zero()
		}
		sums = append(sums, row)
	}
	size := ctx.Shape.Size()
	for i := range len(ballots) / size {
		b, err := proof.ParseBallot(ctx.Shape, ballots[i*size:][:size])
		if err != nil {
			continue
		}
		for q, row := range b.Ciphertexts() {
			for k, c := range row {
				sums[q][k] = sums[q][k].Add(c)
			}
		}
	}
	return text(sums)
}

func text(sums [][]elgamal.Ciphertext) string {
	var b []byte
	for _, row := range sums {
		for _, c := range row {
			b = c.AppendBytes(b)
		}
	}
	return hex.EncodeToString(b)
}

func verifier(t testing.TB, b multiscalar.Backend, ctx proof.Context, most int) *Verifier {
	t.Helper()
	v, err := New(b, rand.Reader, ctx, most)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func onEach(t *testing.T, test func(t *testing.T, b multiscalar.Backend)) {
	for _, b := range multiscalar.Backends() {
		t.Run(b.String(), func(t *testing.T) { test(t, b) })
	}
}

// same fails unless v judges as package proof does, with and without hints.
func same(t *testing.T, v *Verifier, ctx proof.Context, ballots []byte) []Bad {
	t.Helper()
	want := judged(ctx, ballots)
	for _, hints := range [][]byte{nil, v.Hints(nil, ballots)} {
		r, err := v.Verify(ctx.Station, ballots, hints, len(ballots))
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(r.Bad) != fmt.Sprint(want) || r.Unsearched {
			t.Fatalf("bad are %v, package proof says %v", r.Bad, want)
		}
		if got, want := text(r.Sums), added(t, ctx, ballots); got != want {
			t.Fatalf("sums are %s, not %s", got, want)
		}
	}
	return want
}

func TestNewRefuses(t *testing.T) {
	for name, ctx := range map[string]proof.Context{
		"no key": {Shape: proof.Shape{3}}, "no question": testContext(t), "one option": testContext(t, 1), "too many options": testContext(t, proof.MaxOptions+1),
	} {
		if _, err := New(multiscalar.Backends()[0], rand.Reader, ctx, 4); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNoRandomness(t *testing.T) {
	ctx := testContext(t, 2)
	ballots := made(t, ctx, 1)
	for name, r := range map[string]io.Reader{"failing": iotest.ErrReader(errors.New("gone")), "short": strings.NewReader("only a little")} {
		v, err := New(multiscalar.Backends()[0], r, ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := v.Verify(station, ballots, nil, 1); err == nil || r.Sums != nil {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}

// TestGoodBallots: one, none and as many as fit, of several shapes, in a
// Verifier that is used again.
func TestGoodBallots(t *testing.T) {
	onEach(t, func(t *testing.T, b multiscalar.Backend) {
		for _, shape := range []proof.Shape{{2}, {3, 3}, {2, 16, 3}} {
			ctx := testContext(t, shape...)
			ballots := made(t, ctx, 7)
			v := verifier(t, b, ctx, 7)
			for _, n := range []int{7, 0, 1, 4, 7} {
				if bad := same(t, v, ctx, ballots[:n*shape.Size()]); bad != nil {
					t.Errorf("%v: %v", shape, bad)
				}
			}
			other := ctx
			other.Station = "another"
			if bad := same(t, v, other, ballots); len(bad) != 7 {
				t.Errorf("%v: of 7 ballots of another station %d are bad", shape, len(bad))
			}
		}
	})
}

// TestGroups: one to nine ballots, hashed a few at a time, with bad ones among
// them: from each one on, the proof of every third and the encoding of others.
func TestGroups(t *testing.T) {
	ctx := testContext(t, 2, 3)
	size := ctx.Shape.Size()
	good := made(t, ctx, 9)
	onEach(t, func(t *testing.T, b multiscalar.Backend) {
		v := verifier(t, b, ctx, 9)
		for n := 1; n <= 9; n++ {
			for _, first := range []int{0, n / 2, n} { // n: all are good
				ballots, bad := slices.Clone(good[:n*size]), 0
				for i := first; i < n; i++ {
					switch ballot := ballots[i*size:][:size]; {
					case (i-first)%3 == 0:
						copy(ballot[4*group.Size:], group.Generator().Bytes())
						bad++
					case (i-first)%4 == 1:
						copy(ballot[2*group.Size:], make([]byte, group.Size))
						bad++
					}
				}
				if named := same(t, v, ctx, ballots); len(named) != bad {
					t.Errorf("%d ballots: %v, and %d are bad", n, named, bad)
				}
			}
		}
	})
}

// TestMoreThanFit: half a ballot, or one too many, is the caller's mistake.
func TestMoreThanFit(t *testing.T) {
	ctx := testContext(t, 2)
	v := verifier(t, multiscalar.Backends()[0], ctx, 2)
	for _, n := range []int{ctx.Shape.Size() - 1, 3 * ctx.Shape.Size()} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d bytes are taken", n)
				}
			}()
			_, _ = v.Verify(station, make([]byte, n), nil, 1)
		}()
	}
}

// TestVectors: every vector of a ballot is judged as it says.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/ballots.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Algorithm, Reason string
		Good              bool
		Input             map[string]string
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	seen := 0
	for _, c := range all {
		if !strings.HasPrefix(c.Algorithm, "4.4") {
			continue
		}
		key, err := elgamal.ParsePublicKey(unhex(c.Input["key"]))
		if err != nil {
			t.Fatal(err)
		}
		ctx := proof.Context{Election: [32]byte(unhex(c.Input["election"])), Station: c.Input["station"], Key: key}
		for f := range strings.FieldsSeq(c.Input["options"]) {
			var n int
			fmt.Sscan(f, &n)
			ctx.Shape = append(ctx.Shape, n)
		}
		ballot := unhex(c.Input["ballot"])
		if len(ballot) != ctx.Shape.Size() {
			continue // no whole ballot ever comes here
		}
		seen++
		onEach(t, func(t *testing.T, b multiscalar.Backend) {
			v := verifier(t, b, ctx, 2)
			if bad := same(t, v, ctx, slices.Concat(ballot, ballot)); (len(bad) == 0) != c.Good {
				t.Errorf("%s: bad are %v", c.Reason, bad)
			}
		})
	}
	if seen < 20 {
		t.Errorf("%d vectors", seen)
	}
}

// TestOneFieldChanged changes every field of a ballot among others: to that of
// another ballot, to 1 more, to zeros, and to what is no element and no scalar.
func TestOneFieldChanged(t *testing.T) {
	ctx := testContext(t, 3, 2)
	size := ctx.Shape.Size()
	ballots := made(t, ctx, 4)
	onEach(t, func(t *testing.T, b multiscalar.Backend) {
		v := verifier(t, b, ctx, 4)
		for at := 0; at < size; at += group.Size {
			i := at / group.Size % 4
			changes := map[string][]byte{"another's": ballots[(i+1)%4*size+at:][:group.Size]}
			if os.Getenv("SOAK") != "" || at < ctx.Shape[:1].Size() && at%5 == 0 {
				changes["zeros"], changes["ones"] = make([]byte, group.Size), slices.Repeat([]byte{0xff}, group.Size)
				changes["the generator"] = group.Generator().Bytes()
			}
			for name, by := range changes {
				changed := slices.Clone(ballots)
				copy(changed[i*size+at:], by)
				if bad := same(t, v, ctx, changed); len(bad) != 1 || bad[0].Index != i {
					t.Fatalf("byte %d of ballot %d, %s: bad are %v", at, i, name, bad)
				}
			}
		}
	})
}

// TestErrorsThatCancel: what one ballot has too much the other has too little,
// in every element and every scalar.
func TestErrorsThatCancel(t *testing.T) {
	ctx := testContext(t, 2)
	size := ctx.Shape.Size()
	ballots := made(t, ctx, 2)
	ballots = append(ballots, ballots...) // and the same error twice in the same ballot
	delta := group.MulBase(group.NewScalar(5))
	onEach(t, func(t *testing.T, b multiscalar.Backend) {
		v := verifier(t, b, ctx, 4)
		for at := 0; at < size; at += group.Size {
			changed := slices.Clone(ballots)
			for _, c := range []struct {
				ballot int
				plus   bool
			}{{0, true}, {1, false}, {2, false}} {
				field := changed[c.ballot*size+at:][:group.Size]
				if at >= 10*group.Size { // challenges and responses
					s, err := group.ParseScalar(field)
					if err != nil {
						t.Fatal(err)
					}
					by := group.NewScalar(5)
					if !c.plus {
						by = by.Neg()
					}
					copy(field, s.Add(by).Bytes())
					continue
				}
				e, err := group.ParseElement(field)
				if err != nil {
					t.Fatal(err)
				}
				if c.plus {
					e = e.Add(delta)
				} else {
					e = e.Sub(delta)
				}
				copy(field, e.Bytes())
			}
			if bad := same(t, v, ctx, changed); len(bad) != 3 {
				t.Fatalf("byte %d: bad are %v", at, bad)
			}
		}
	})
}

// TestManyBad: all are named up to the limit, in order, and it is said when
// there are more.
func TestManyBad(t *testing.T) {
	ctx := testContext(t, 2)
	size, n := ctx.Shape.Size(), 33
	ballots := made(t, ctx, n)
	wrong := []int{0, 1, 7, 8, 20, 21, 22, 23, 32}
	for _, i := range wrong {
		copy(ballots[i*size+4*group.Size:], group.Generator().Bytes())
	}
	copy(ballots[5*size:], make([]byte, group.Size)) // the identity as α: always named
	onEach(t, func(t *testing.T, b multiscalar.Backend) {
		v := verifier(t, b, ctx, n)
		all := same(t, v, ctx, ballots)
		if len(all) != len(wrong)+1 {
			t.Fatalf("bad are %v", all)
		}
		for limit := range len(wrong) + 1 {
			r, err := v.Verify(station, ballots, nil, limit)
			if err != nil {
				t.Fatal(err)
			}
			var proofs []int
			for _, bad := range r.Bad {
				if !bad.Encoding {
					proofs = append(proofs, bad.Index)
				}
			}
			if !slices.Equal(proofs, wrong[:limit]) || r.Unsearched != (limit < len(wrong)) || len(r.Bad) != limit+1 {
				t.Errorf("limit %d: %v, unsearched %v", limit, r.Bad, r.Unsearched)
			}
		}
	})
}

// TestHintsAreNotTrusted: whatever they are, the same comes out.
func TestHintsAreNotTrusted(t *testing.T) {
	ctx := testContext(t, 2, 3)
	ballots := made(t, ctx, 3)
	size := ctx.Shape.Size()
	copy(ballots[size+10*group.Size:], make([]byte, 7))
	onEach(t, func(t *testing.T, b multiscalar.Backend) {
		v := verifier(t, b, ctx, 3)
		hints := v.Hints(nil, ballots)
		if len(hints) != 3*v.HintsSize() {
			t.Fatalf("%d bytes of hints", len(hints))
		}
		of := v.HintsSize()
		for name, h := range map[string][]byte{
			"of other ballots": slices.Concat(hints[of:], hints[:of]), "zeros": make([]byte, len(hints)), "ones": slices.Repeat([]byte{0xff}, len(hints)),
			"too short": hints[:len(hints)-1], "none": {},
		} {
			r, err := v.Verify(station, ballots, h, 3)
			if err != nil || fmt.Sprint(r.Bad) != fmt.Sprint(judged(ctx, ballots)) || text(r.Sums) != added(t, ctx, ballots) {
				t.Errorf("%s: %v, %v", name, r.Bad, err)
			}
		}
	})
}

// TestAdd sums without proofs, and names what is no ballot.
func TestAdd(t *testing.T) {
	ctx := testContext(t, 2, 3)
	size := ctx.Shape.Size()
	ballots := made(t, ctx, 4)
	copy(ballots[2*size-group.Size:], slices.Repeat([]byte{0xff}, group.Size)) // no scalar
	copy(ballots[4*group.Size:], group.Generator().Bytes())                    // a proof that does not hold
	onEach(t, func(t *testing.T, b multiscalar.Backend) {
		r := verifier(t, b, ctx, 4).Add(ballots)
		if len(r.Bad) != 1 || r.Bad[0].Index != 1 || !r.Bad[0].Encoding || text(r.Sums) != added(t, ctx, ballots) {
			t.Errorf("%v", r.Bad)
		}
	})
}

// FuzzVerify changes ballots as it likes.
func FuzzVerify(f *testing.F) {
	ctx := testContext(f, 2)
	size := ctx.Shape.Size()
	ballots := made(f, ctx, 3)
	var all []*Verifier
	for _, b := range multiscalar.Backends() {
		all = append(all, verifier(f, b, ctx, 3))
	}
	f.Add(0, make([]byte, 32))
	f.Add(size+64, group.Generator().Bytes())
	f.Add(3*size-32, slices.Repeat([]byte{0xff}, 32))
	f.Fuzz(func(t *testing.T, at int, by []byte) {
		changed := slices.Clone(ballots)
		if at < 0 || at >= len(changed) {
			return
		}
		copy(changed[at:], by)
		for _, v := range all {
			same(t, v, ctx, changed)
		}
		verdicts.Clear()
	})
}
