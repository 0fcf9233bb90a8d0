//go:build !amd64 || purego

package multiscalar

// ifmaKernels is empty: this processor is of another kind, or the assembly was
// left out.
func ifmaKernels() []kernel { return nil }
