//go:build !amd64 || purego

package multibuffer

// hasAVX2 reports false: this processor is of another kind, or the assembly was
// left out.
func hasAVX2() bool { return false }

func blocksAVX2(*[8][Lanes]uint64, *byte, *byte, *byte, *byte, uint64) {
	panic("multibuffer: internal error: no AVX2")
}
