//go:build !purego

package multibuffer

import "golang.org/x/sys/cpu"

// hasAVX2 reports whether the processor has AVX2 and the operating system keeps
// its registers.
func hasAVX2() bool { return cpu.X86.HasAVX2 }
