package group

import "testing"

func TestWalk(t *testing.T) {
	for name, base := range bases() {
		for other, step := range bases() {
			w, want := NewWalk(base, step), base
			for i := range 9 {
				want = want.Add(step)
				product := w.Next()
				if i%4 == 0 {
					product = product.Plus(BaseTable().Times(1))
					if got := Evaluate(product)[0]; !got.Equal(want.Add(Generator())) {
						t.Fatalf("%s and %d steps of %s, and B: %v", name, i+1, other, got)
					}
					continue
				}
				if got := Evaluate(product)[0]; !got.Equal(want) {
					t.Fatalf("%s and %d steps of %s: %v instead of %v", name, i+1, other, got, want)
				}
			}
		}
	}
}
