//go:build !amd64 || purego

package multiscalar

// vectorKernels is empty: this processor is of another kind, or the assembly was
// left out.
func vectorKernels() []kernel { return nil }
