//go:build !purego

package multiscalar

import "golang.org/x/sys/cpu"

// vectorKernels are the back ends of assembly that the processor can run and the
// operating system keeps the registers of, the fastest first.
func vectorKernels() (all []kernel) {
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512IFMA {
		all = append(all, newVector("ifma", ifma{}))
	}
	if cpu.X86.HasAVX2 {
		all = append(all, newVector("avx2", avx2{}))
	}
	return all
}
