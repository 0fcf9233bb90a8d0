package multiscalar

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

var prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// mostReduced is the greatest limb k: gen/bounds.go.
func mostReduced(f form, k int) uint64 { return 1<<f[k] + 1<<15 }

// onMachines runs a test on what can carry out the instructions here: the
// interpreter everywhere, and the processor where it has them.
func onMachines(t *testing.T, test func(t *testing.T, name string, on instructions)) {
	t.Run("interpreted", func(t *testing.T) { test(t, "interpreted", newInterpreted(t)) })
	for _, k := range vectorKernels() {
		t.Run("processor/"+k.name(), func(t *testing.T) { test(t, "processor", k.(*vector).on) })
	}
}

// source is a stream of numbers, the same in every run.
func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 5)) }

// extremes are the limbs k at which something can go wrong: none, one, the last
// before p, p itself, the most that a reduced limb can be.
func extremes(f form, k int) []uint64 {
	all := uint64(1) << f[k]
	return []uint64{0, 1, 18, 19, 20, all - 20, all - 19, all - 18, all - 1, all, all + 1, mostReduced(f, k)}
}

// anyLanes takes limbs from the extremes, from random numbers, or all from one.
func anyLanes(r *rand.Rand, f form) *lanes {
	var x lanes
	for l := range 8 {
		same, kind, below := r.IntN(12), r.IntN(4), r.Uint64N(40)
		for k := range f {
			limb := uint64(1)<<f[k] - 1 // around p
			switch kind {
			case 0:
				limb = extremes(f, k)[same]
			case 1:
				limb = extremes(f, k)[r.IntN(12)]
			case 2:
				limb = r.Uint64N(mostReduced(f, k) + 1)
			default:
				limb, below = limb-below, 0
			}
			f.setLimb(&x, k, l, limb)
		}
	}
	return &x
}

// number is the element in lane l, modulo p.
func number(f form, x *lanes, l int) *big.Int {
	n := new(big.Int)
	for k := len(f) - 1; k >= 0; k-- {
		n.Lsh(n, f[k])
		n.Add(n, new(big.Int).SetUint64(f.limb(x, k, l)))
	}
	return n.Mod(n, prime)
}

// expect compares every lane of r with what it should be, and its limbs with
// their bound.
func expect(t *testing.T, what string, f form, r *lanes, want func(l int) *big.Int) {
	t.Helper()
	for l := range 8 {
		w := want(l)
		if got := number(f, r, l); got.Cmp(w.Mod(w, prime)) != 0 {
			t.Fatalf("%s, lane %d: %x, want %x", what, l, got, w)
		}
		for k := range f {
			if limb := f.limb(r, k, l); limb > mostReduced(f, k) {
				t.Fatalf("%s, lane %d: limb %d is %#x, more than reduced", what, l, k, limb)
			}
		}
	}
}

func rounds(name string) int {
	if name == "processor" {
		return 5000
	}
	return 150
}

func TestFieldOnLanes(t *testing.T) {
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r, f := source(1), on.form()
		for range rounds(name) {
			x, y := anyLanes(r, f), anyLanes(r, f)
			keptX, keptY := *x, *y
			var z lanes
			on.multiply(&z, x, y)
			expect(t, name+" product", f, &z, func(l int) *big.Int { return new(big.Int).Mul(number(f, x, l), number(f, y, l)) })
			on.add(&z, x, y)
			expect(t, name+" sum", f, &z, func(l int) *big.Int { return new(big.Int).Add(number(f, x, l), number(f, y, l)) })
			on.subtract(&z, x, y)
			expect(t, name+" difference", f, &z, func(l int) *big.Int { return new(big.Int).Sub(number(f, x, l), number(f, y, l)) })
			if *x != keptX || *y != keptY {
				t.Fatal(name, "changed an operand")
			}
		}
	})
}

// Every instruction may write where it reads.
func TestFieldOnLanesInPlace(t *testing.T) {
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r, f := source(2), on.form()
		for what, do := range map[string]func(r, x, y *lanes){"multiply": on.multiply, "add": on.add, "subtract": on.subtract} {
			x, y := anyLanes(r, f), anyLanes(r, f)
			var apart lanes
			do(&apart, x, y)
			first, second := *x, *y
			do(&first, &first, y)
			do(&second, x, &second)
			if first != apart || second != apart {
				t.Errorf("%s, %s: another result in place", name, what)
			}
		}
	})
}

func TestSquaresOnLanes(t *testing.T) {
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r, f := source(3), on.form()
		for range rounds(name) / 10 {
			x := [2]lanes{*anyLanes(r, f), *anyLanes(r, f)}
			for _, times := range []int{1, 2, 7} {
				y := x
				on.squareTwo(&y, times)
				exponent := new(big.Int).Lsh(big.NewInt(1), uint(times))
				for n := range y {
					expect(t, fmt.Sprint(name, " squares of ", n), f, &y[n], func(l int) *big.Int {
						return new(big.Int).Exp(number(f, &x[n], l), exponent, prime)
					})
				}
			}
		}
	})
}

func TestChoiceOfLanes(t *testing.T) {
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r, f := source(4), on.form()
		x, y := anyLanes(r, f), anyLanes(r, f)
		for which := range uint32(256) {
			var z lanes
			on.choose(&z, x, y, which|0xffffff00)
			for l := range 8 {
				want := x
				if which>>l&1 == 1 {
					want = y
				}
				for k := range f {
					if got := f.limb(&z, k, l); got != f.limb(want, k, l) {
						t.Fatalf("%s, lanes %08b, lane %d: limb %d is %#x", name, which, l, k, got)
					}
				}
			}
		}
	})
}

func TestCanonicalLanes(t *testing.T) {
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r, f := source(5), on.form()
		for range rounds(name) {
			x := anyLanes(r, f)
			if r.IntN(2) == 0 { // 0, 1, -1 in both forms below 2p
				for l := range 8 {
					for k, width := range f {
						f.setLimb(x, k, l, [2]uint64{0, 1<<width - 1}[l%2])
					}
					all := uint64(1)<<f[0] - 1
					f.setLimb(x, 0, l, [8]uint64{0, all - 18, 1, all - 17, 2, all - 19, 20, all}[l])
					if r.IntN(2) == 0 { // but for one bit of one limb
						k := r.IntN(len(f))
						f.setLimb(x, k, l, f.limb(x, k, l)^1<<r.IntN(int(f[k])))
					}
				}
			}
			var z lanes
			odd, zero, one, minusOne := on.classify(&z, x)
			expect(t, name+" canonical", f, &z, func(l int) *big.Int { return number(f, x, l) })
			for l := range 8 {
				n := number(f, x, l)
				var b [32]byte
				f.bytesOfLane(b[:], &z, l)
				for i, c := range n.FillBytes(make([]byte, 32)) {
					if b[31-i] != c {
						t.Fatalf("%s, lane %d: %x, want %x", name, l, b, n)
					}
				}
				if bit(odd, l) != (n.Bit(0) == 1) || bit(zero, l) != (n.Sign() == 0) ||
					bit(one, l) != (n.Cmp(big.NewInt(1)) == 0) ||
					bit(minusOne, l) != (new(big.Int).Add(n, big.NewInt(1)).Cmp(prime) == 0) {
					t.Fatalf("%s: %x: odd %08b, zero %08b, one %08b, minus one %08b", name, n, odd, zero, one, minusOne)
				}
			}
		}
	})
}

func bit(lanes uint32, l int) bool { return lanes>>l&1 == 1 }

// atTheEdge are 32-byte numbers around 0, p, 2^255 and 2^256.
func atTheEdge() (data []byte) {
	half := new(big.Int).Lsh(big.NewInt(1), 255)
	numbers := []*big.Int{big.NewInt(0), big.NewInt(1), half, new(big.Int).Add(half, prime), new(big.Int).Sub(new(big.Int).Lsh(half, 1), big.NewInt(1))}
	for d := int64(-2); d <= 18; d++ {
		numbers = append(numbers, new(big.Int).Add(prime, big.NewInt(d)))
	}
	for _, n := range numbers {
		b := n.FillBytes(make([]byte, 32))
		slices.Reverse(b)
		data = append(data, b...)
	}
	return data
}

func TestUnpackingOfBytes(t *testing.T) {
	edges := atTheEdge()
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r, f := source(6), on.form()
		anything := make([]byte, 200)
		for i := range anything {
			anything[i] = byte(r.Uint32())
		}
		for n := range rounds(name) {
			var offsets [8]uint32
			data := edges
			for l := range offsets {
				offsets[l] = 32 * uint32(r.IntN(len(edges)/32))
			}
			if n%4 == 2 { // but for one bit of each
				data = slices.Clone(edges)
				for at := range len(data) / 32 {
					data[32*at+r.IntN(32)] ^= 1 << r.IntN(8)
				}
			}
			if n%2 == 1 {
				data = anything
				for l := range offsets {
					offsets[l] = uint32(r.IntN(len(data) - 31))
				}
			}
			var x lanes
			odd, excess := on.unpack(&x, data, &offsets)
			want := func(l int) *big.Int { return littleEndian(data[offsets[l]:][:32]) }
			for l := range 8 {
				if w := want(l); bit(odd, l) != (w.Bit(0) == 1) || bit(excess, l) != (w.Cmp(prime) >= 0) {
					t.Fatalf("%s, lane %d: %x: odd %08b, excess %08b", name, l, w, odd, excess)
				}
			}
			expect(t, name+" unpacked", f, &x, func(l int) *big.Int { w := want(l); return w.SetBit(w, 255, 0) })
		}
	})
}

func littleEndian(b []byte) *big.Int {
	n := new(big.Int)
	for i := len(b) - 1; i >= 0; i-- {
		n.Lsh(n, 8).Or(n, big.NewInt(int64(b[i])))
	}
	return n
}
