package proof

import (
	"bytes"
	"crypto/rand"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
)

// leaks measures f for two classes of input in random order, and returns
// Welch's t between them, the largest over several crops: the slowest of all
// measurements are the machine's doing (interrupts, neighbours), and are left
// out by a limit that is the same for both classes. Beyond 5 the classes take
// different time; chance gives that less than once in a million.
func leaks(tb testing.TB, rounds int, f func(class int)) float64 {
	tb.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	coins := make([]byte, rounds)
	if _, err := rand.Read(coins); err != nil {
		tb.Fatal(err)
	}
	var times [2][]float64
	for i, coin := range coins {
		if i%256 == 0 {
			runtime.GC()
			f(0) // both classes find the caches warm
			f(1)
		}
		class := int(coin & 1)
		begin := time.Now()
		f(class)
		times[class] = append(times[class], float64(time.Since(begin)))
	}
	all := slices.Sorted(slices.Values(slices.Concat(times[0], times[1])))
	worst := 0.0
	for _, share := range []float64{0.5, 0.75, 0.9} {
		limit := all[int(share*float64(len(all)))]
		worst = max(worst, math.Abs(welch(below(times[0], limit), below(times[1], limit))))
	}
	tb.Logf("%d rounds of about %v: largest |t| is %.2f", rounds, time.Duration(all[len(all)/2]), worst)
	return worst
}

func below(times []float64, limit float64) []float64 {
	return slices.DeleteFunc(slices.Clone(times), func(t float64) bool { return t > limit })
}

func welch(a, b []float64) float64 {
	m, v := moments(a)
	n, w := moments(b)
	return (m - n) / math.Sqrt(v/float64(len(a))+w/float64(len(b)))
}

func moments(xs []float64) (mean, variance float64) {
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	for _, x := range xs {
		variance += (x - mean) * (x - mean) / float64(len(xs)-1)
	}
	return mean, variance
}

// Making a ballot takes the same time whatever is selected.
func TestSoakMakeTakesTheSameTime(t *testing.T) {
	skipUnlessSoak(t)
	ctx := testContext(3)
	for name, pair := range map[string][2]SecretSelections{
		"not taken or first option": {choose(t, ctx, 0), choose(t, ctx, 1)},
		"first or last option":      {choose(t, ctx, 1), choose(t, ctx, 3)},
	} {
		t.Run(name, func(t *testing.T) {
			worst := leaks(t, 20_000, func(class int) {
				if _, err := Make(rand.Reader, ctx, pair[class], testSeed(1)); err != nil {
					t.Fatal(err)
				}
			})
			if worst > 5 {
				t.Errorf("|t| = %.2f", worst)
			}
		})
	}
}

// The parts of Make that take a selection, measured alone: here a difference
// would not drown in the rest.
func TestSoakSelectingTakesTheSameTime(t *testing.T) {
	skipUnlessSoak(t)
	ctx := testContext(16)
	pair := [2]SecretSelections{choose(t, ctx, 1), choose(t, ctx, 16)}
	weights := ctx.weights(nil, 1, 16)
	nonce := group.NewSecret(group.HashToScalar("test", nil))
	for name, f := range map[string]func(class int){
		"Encrypt": func(class int) { elgamal.Encrypt(ctx.Key, class, nonce) },
		"pick":    func(class int) { pair[class].pick(0, weights) },
		"bit": func(class int) {
			for i := range 1000 {
				pair[class].bit(0, i%17)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if worst := leaks(t, 100_000, f); worst > 5 {
				t.Errorf("|t| = %.2f", worst)
			}
		})
	}
}

// A table takes the same time for a scalar that is always the same and for
// scalars that are always others. Each round reads a scalar of either class and
// selects one: were only one read, the measurement would tell the two by where
// they lie in memory, as it did of two classes by chance.
func TestSoakTablesTakeTheSameTime(t *testing.T) {
	skipUnlessSoak(t)
	key := testContext(3).Key
	for name, fixed := range map[string][]group.Scalar{
		"every digit is 0": {group.NewScalar(0)}, "every digit is −8": {eights(t)}, "one": {group.NewScalar(1)}, "minus one": {group.NewScalar(1).Neg()},
		"both by chance": byChance("first"),
	} {
		t.Run(name, func(t *testing.T) {
			others, round := byChance("second"), 0
			worst := leaks(t, 100_000, func(class int) {
				round++
				s := group.Select(class, others[round%len(others)], fixed[round%len(fixed)])
				group.Evaluate(key.Table().Mul(s).Plus(group.BaseTable().Times(class)))
			})
			if worst > 5 {
				t.Errorf("|t| = %.2f", worst)
			}
		})
	}
}

// byChance returns 256 scalars.
func byChance(label string) (scalars []group.Scalar) {
	for i := range 256 {
		scalars = append(scalars, group.HashToScalar(label, []byte{byte(i)}))
	}
	return scalars
}

// eights is the scalar 0x0777…78: 63 digits −8, and 1.
func eights(t *testing.T) group.Scalar {
	t.Helper()
	b := append([]byte{0x78}, bytes.Repeat([]byte{0x77}, 30)...)
	s, err := group.ParseScalar(append(b, 0x07))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// One digit more, of the 65 that one selection takes, is seen.
func TestSoakALeakOfOneDigitIsSeen(t *testing.T) {
	skipUnlessSoak(t)
	key, s := testContext(3).Key.Table(), group.HashToScalar("test", nil)
	product := key.Mul(s)
	products := [2]group.Product{product, product.Plus(key.Times(0))}
	if worst := leaks(t, 100_000, func(class int) { group.Evaluate(products[class]) }); worst < 5 {
		t.Errorf("|t| = %.2f: a leak would go unnoticed", worst)
	}
}

// The measurement can see what it looks for: one scalar multiplication by the
// generator more, about a hundredth of a ballot, for one of the classes.
func TestSoakALeakIsSeen(t *testing.T) {
	skipUnlessSoak(t)
	ctx := testContext(3)
	chosen := choose(t, ctx, 1)
	s := group.HashToScalar("test", nil)
	worst := leaks(t, 20_000, func(class int) {
		if _, err := Make(rand.Reader, ctx, chosen, testSeed(1)); err != nil {
			t.Fatal(err)
		}
		if class == 1 {
			group.MulBase(s)
		}
	})
	if worst < 5 {
		t.Errorf("|t| = %.2f: a leak would go unnoticed", worst)
	}
}
