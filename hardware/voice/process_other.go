//go:build !linux

package voice

import "syscall"

// Elsewhere nothing is spoken: Open refuses.
const supported = false

func attributes() *syscall.SysProcAttr { return nil }
func awaitEnd(int)                     {}
func killGroup(int)                    {}
