//go:build !race

package multibuffer

import "testing"

// TestAllocations: hashing and keeping allocate nothing. (The race detector
// allocates on its own.)
func TestAllocations(t *testing.T) {
	onBoth(t, func(t *testing.T, h *Hash) {
		var s State
		var sums [Lanes][Size]byte
		m, same := different(Lanes, 200), make([]byte, 30)
		h.Reset(Lanes)
		h.Save(&s)
		if n := testing.AllocsPerRun(10, func() {
			h.Restore(&s, Lanes)
			h.Write(m)
			h.WriteAll(same)
			h.Save(&s)
			h.Sum(&sums)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
