package multibuffer

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"testing"
)

// onBoth runs a test message by message, and with AVX2 if there is.
func onBoth(t *testing.T, run func(t *testing.T, h *Hash)) {
	t.Run("one by one", func(t *testing.T) { run(t, newHash(false)) })
	if hasAVX2() {
		t.Run("AVX2", func(t *testing.T) { run(t, newHash(true)) })
	}
}

// different are messages of a length, no two words of which are the same, each at
// another place relative to 32 bytes.
func different(messages, length int) [][]byte {
	all := make([][]byte, messages)
	for l := range all {
		start := 5*l + 1
		room := make([]byte, start+length)
		for i := range room {
			room[i] = byte((i+1)*(0x9e3779b1+2*l)>>9) ^ byte(l<<6)
		}
		all[l] = room[start:]
	}
	return all
}

// mustBe compares the hashes of messages with those of package sha512.
func mustBe(t *testing.T, h *Hash, messages [][]byte, what string) {
	t.Helper()
	var sums [Lanes][Size]byte
	h.Sum(&sums)
	for l, m := range messages {
		if want := sha512.Sum512(m); sums[l] != want {
			t.Fatalf("%s: message %d of %d: %x instead of %x", what, l, len(messages), sums[l], want)
		}
	}
}

// TestLengths: all lengths up to more than four blocks, of one to four messages.
func TestLengths(t *testing.T) {
	onBoth(t, func(t *testing.T, h *Hash) {
		for length := range 5*BlockSize + 2 {
			for n := 1; n <= Lanes; n++ {
				m := different(n, length)
				h.Reset(n)
				h.Write(m)
				mustBe(t, h, m, fmt.Sprintf("length %d", length))
			}
		}
	})
}

// TestContinued: a message in two parts at every place, the first part kept and
// continued twice, by all messages and by fewer.
func TestContinued(t *testing.T) {
	onBoth(t, func(t *testing.T, h *Hash) {
		var s State
		for _, length := range []int{0, 1, 111, 112, 127, 128, 129, 239, 240, 256, 300} {
			m := different(Lanes, length)
			for at := range length + 1 {
				first, second := make([][]byte, Lanes), make([][]byte, Lanes)
				for l := range m {
					first[l], second[l] = m[l][:at], m[l][at:]
				}
				h.Reset(Lanes)
				h.Write(first)
				h.Save(&s)
				h.WriteAll([]byte("something else")) // lost
				for n := Lanes; n > 0; n-- {
					h.Restore(&s, n)
					h.Write(second[:n])
					mustBe(t, h, m[:n], fmt.Sprintf("%d of %d bytes first", at, length))
				}
			}
		}
	})
}

// TestParts: parts of all lengths, alike and not, one after the other.
func TestParts(t *testing.T) {
	onBoth(t, func(t *testing.T, h *Hash) {
		m := make([][]byte, Lanes)
		h.Reset(Lanes)
		for length := range 2*BlockSize + 3 {
			parts := different(Lanes, length)
			h.Write(parts)
			h.WriteAll(parts[1])
			for l := range m {
				m[l] = append(append(m[l], parts[l]...), parts[1]...)
			}
		}
		mustBe(t, h, m, "many parts")
	})
}

// TestOrder: where a message stands does not matter, nor what stands beside it.
func TestOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, h *Hash) {
		m := different(Lanes, 3*BlockSize)
		for l := range m {
			for bit := range 8 * BlockSize {
				m[l][BlockSize+bit/8] ^= 1 << (bit % 8) // one message changes
				h.Reset(Lanes)
				h.Write(m)
				mustBe(t, h, m, fmt.Sprintf("bit %d of message %d", bit, l))
			}
		}
		for range Lanes {
			m = append(m[1:], m[0])
			h.Reset(Lanes)
			h.Write(m)
			mustBe(t, h, m, "another order")
		}
	})
}

// TestExtremes: messages of zeros and of ones, in which sums carry through all
// bits or none.
func TestExtremes(t *testing.T) {
	onBoth(t, func(t *testing.T, h *Hash) {
		for length := range 2*BlockSize + 1 {
			m := make([][]byte, Lanes)
			for l := range m {
				m[l] = make([]byte, length)
				for i := range m[l] {
					m[l][i] = []byte{0, 0xff, 0x80, 0x7f}[l]
				}
			}
			h.Reset(Lanes)
			h.Write(m)
			mustBe(t, h, m, "extremes")
		}
	})
}

// TestPublished: the examples published with FIPS 180-4, and the empty message.
func TestPublished(t *testing.T) {
	onBoth(t, func(t *testing.T, h *Hash) {
		for message, want := range map[string]string{
			"": "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" +
				"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
			"abc": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
				"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
			"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu": "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018" +
				"501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
		} {
			h.Reset(Lanes)
			h.WriteAll([]byte(message))
			var sums [Lanes][Size]byte
			h.Sum(&sums)
			for l := range sums {
				if got := hex.EncodeToString(sums[l][:]); got != want {
					t.Errorf("%q: %s instead of %s", message, got, want)
				}
			}
		}
	})
}

// TestMisuse: what no caller may do panics, before the kernel reads anything.
func TestMisuse(t *testing.T) {
	onBoth(t, func(t *testing.T, h *Hash) {
		var two State
		var sums [Lanes][Size]byte
		h.Reset(2)
		h.Save(&two)
		for name, do := range map[string]func(){
			"no message":                func() { h.Reset(0) },
			"too many messages":         func() { h.Reset(Lanes + 1) },
			"too few parts":             func() { h.Reset(2); h.Write(different(1, 3)) },
			"too many parts":            func() { h.Reset(2); h.Write(different(3, 3)) },
			"a shorter part":            func() { h.Reset(2); h.Write([][]byte{make([]byte, 128), make([]byte, 127)}) },
			"more than were saved":      func() { h.Restore(&two, 3) },
			"nothing was saved":         func() { h.Restore(new(State), 1) },
			"none of what was saved":    func() { h.Restore(&two, 0) },
			"written before it began":   func() { newHash(h.avx2).Write(different(1, 1)) },
			"nothing before it began":   func() { newHash(h.avx2).Write(nil) },
			"all before it began":       func() { newHash(h.avx2).WriteAll([]byte("x")) },
			"saved before it began":     func() { newHash(h.avx2).Save(&two) },
			"a sum before it began":     func() { newHash(h.avx2).Sum(&sums) },
			"a sum twice":               func() { h.Reset(1); h.Sum(&sums); h.Sum(&sums) },
			"written after the sum":     func() { h.Reset(1); h.Sum(&sums); h.Write(different(1, 1)) },
			"no parts for two messages": func() { h.Reset(2); h.Write(nil) },
		} {
			if !panics(do) {
				t.Errorf("%s: no panic", name)
			}
		}
	})
}

func panics(do func()) (did bool) {
	defer func() { did = recover() != nil }()
	do()
	return false
}

// FuzzHash: four messages cut from any bytes, in two parts.
func FuzzHash(f *testing.F) {
	f.Add([]byte("abc"), uint16(1))
	f.Add(make([]byte, 4*240), uint16(112))
	f.Fuzz(func(t *testing.T, b []byte, at uint16) {
		length := len(b) / Lanes
		var m, first, second [Lanes][]byte
		for l := range m {
			m[l] = b[l*length:][:length]
			cut := int(at) % (length + 1)
			first[l], second[l] = m[l][:cut], m[l][cut:]
		}
		onBoth(t, func(t *testing.T, h *Hash) {
			h.Reset(Lanes)
			h.Write(first[:])
			h.Write(second[:])
			mustBe(t, h, m[:], fmt.Sprintf("%d bytes, %d first", length, at))
		})
	})
}

// BenchmarkBlocks is a block of one message, in four messages of sixteen blocks.
func BenchmarkBlocks(b *testing.B) {
	const count = 16
	for _, avx2 := range []bool{false, true} {
		if avx2 && !hasAVX2() {
			continue
		}
		b.Run(map[bool]string{false: "single", true: "avx2"}[avx2], func(b *testing.B) {
			h, m := newHash(avx2), different(Lanes, count*BlockSize)
			h.Reset(Lanes)
			b.ReportAllocs()
			for b.Loop() {
				h.Write(m)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*count*Lanes), "ns/block")
		})
	}
}
