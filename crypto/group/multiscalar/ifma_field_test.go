package multiscalar

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

var prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

const mostReduced = 1<<51 + 1<<15 // gen/bounds.go

// onMachines runs a test on what can carry out the instructions here: the
// interpreter everywhere, and the processor where it has them.
func onMachines(t *testing.T, test func(t *testing.T, name string, on instructions)) {
	t.Run("interpreted", func(t *testing.T) { test(t, "interpreted", newInterpreted(t)) })
	for _, k := range ifmaKernels() {
		t.Run("processor", func(t *testing.T) { test(t, "processor", k.(*ifma).on) })
	}
}

// source is a stream of numbers, the same in every run.
func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 5)) }

// extremes are the limbs at which something can go wrong: none, one, the last
// before p, p itself, the most that a reduced limb can be.
var extremes = []uint64{0, 1, 18, 19, 20, 1<<51 - 20, 1<<51 - 19, 1<<51 - 18, 1<<51 - 1, 1 << 51, 1<<51 + 1, mostReduced}

// anyLanes takes limbs from the extremes, from random numbers, or all from one.
func anyLanes(r *rand.Rand) *lanes {
	var x lanes
	for l := range 8 {
		same, kind := extremes[r.IntN(len(extremes))], r.IntN(4)
		for k := range x {
			switch kind {
			case 0:
				x[k][l] = same
			case 1:
				x[k][l] = extremes[r.IntN(len(extremes))]
			case 2:
				x[k][l] = r.Uint64N(mostReduced + 1)
			default:
				x[k][l] = limbMask
			}
		}
		if kind == 3 { // around p
			x[0][l] -= r.Uint64N(40)
		}
	}
	return &x
}

// number is the element in lane l, modulo p.
func number(x *lanes, l int) *big.Int {
	n := new(big.Int)
	for k := 4; k >= 0; k-- {
		n.Lsh(n, limbBits)
		n.Add(n, new(big.Int).SetUint64(x[k][l]))
	}
	return n.Mod(n, prime)
}

// expect compares every lane of r with what it should be, and its limbs with
// their bound.
func expect(t *testing.T, what string, r *lanes, want func(l int) *big.Int) {
	t.Helper()
	for l := range 8 {
		w := want(l)
		if got := number(r, l); got.Cmp(w.Mod(w, prime)) != 0 {
			t.Fatalf("%s, lane %d: %x, want %x", what, l, got, w)
		}
		for k := range r {
			if r[k][l] > mostReduced {
				t.Fatalf("%s, lane %d: limb %d is %#x, more than reduced", what, l, k, r[k][l])
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
		r := source(1)
		for range rounds(name) {
			x, y := anyLanes(r), anyLanes(r)
			keptX, keptY := *x, *y
			var z lanes
			on.multiply(&z, x, y)
			expect(t, name+" product", &z, func(l int) *big.Int { return new(big.Int).Mul(number(x, l), number(y, l)) })
			on.add(&z, x, y)
			expect(t, name+" sum", &z, func(l int) *big.Int { return new(big.Int).Add(number(x, l), number(y, l)) })
			on.subtract(&z, x, y)
			expect(t, name+" difference", &z, func(l int) *big.Int { return new(big.Int).Sub(number(x, l), number(y, l)) })
			if *x != keptX || *y != keptY {
				t.Fatal(name, "changed an operand")
			}
		}
	})
}

// Every instruction may write where it reads.
func TestFieldOnLanesInPlace(t *testing.T) {
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r := source(2)
		for what, do := range map[string]func(r, x, y *lanes){"multiply": on.multiply, "add": on.add, "subtract": on.subtract} {
			x, y := anyLanes(r), anyLanes(r)
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
		r := source(3)
		for range rounds(name) / 10 {
			x := [2]lanes{*anyLanes(r), *anyLanes(r)}
			for _, times := range []int{1, 2, 7} {
				y := x
				on.squareTwo(&y, times)
				exponent := new(big.Int).Lsh(big.NewInt(1), uint(times))
				for n := range y {
					expect(t, fmt.Sprint(name, " squares of ", n), &y[n], func(l int) *big.Int {
						return new(big.Int).Exp(number(&x[n], l), exponent, prime)
					})
				}
			}
		}
	})
}

func TestChoiceOfLanes(t *testing.T) {
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r := source(4)
		x, y := anyLanes(r), anyLanes(r)
		for which := range uint32(256) {
			var z lanes
			on.choose(&z, x, y, which|0xffffff00)
			for l := range 8 {
				want := x
				if which>>l&1 == 1 {
					want = y
				}
				for k := range z {
					if z[k][l] != want[k][l] {
						t.Fatalf("%s, lanes %08b, lane %d: limb %d is %#x", name, which, l, k, z[k][l])
					}
				}
			}
		}
	})
}

func TestCanonicalLanes(t *testing.T) {
	onMachines(t, func(t *testing.T, name string, on instructions) {
		r := source(5)
		for range rounds(name) {
			x := anyLanes(r)
			if r.IntN(2) == 0 { // 0, 1, -1 in both forms below 2p
				for l := range 8 {
					for k := range x {
						x[k][l] = [2]uint64{0, limbMask}[l%2]
					}
					x[0][l] = [8]uint64{0, limbMask - 18, 1, limbMask - 17, 2, limbMask - 19, 20, limbMask}[l]
					if r.IntN(2) == 0 { // but for one bit of one limb
						x[r.IntN(5)][l] ^= 1 << r.IntN(limbBits)
					}
				}
			}
			var z lanes
			odd, zero, one, minusOne := on.classify(&z, x)
			expect(t, name+" canonical", &z, func(l int) *big.Int { return number(x, l) })
			for l := range 8 {
				n := number(x, l)
				var b [32]byte
				bytesOfLane(b[:], &z, l)
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
		r := source(6)
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
			expect(t, name+" unpacked", &x, func(l int) *big.Int { w := want(l); return w.SetBit(w, 255, 0) })
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
