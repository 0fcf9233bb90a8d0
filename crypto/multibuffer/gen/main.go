// Command gen writes the kernel of package multibuffer and its Go declaration,
// avx2_amd64.s and avx2_stubs_amd64.go:
//
//	go run . FOLDER
//
// It is a module of its own, so that nothing but the making of these files
// depends on its assembler. A test in package multibuffer runs it and fails
// when its output differs from the files beside it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run . FOLDER")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate writes the files into folder.
func generate(folder string) error {
	k := newKernel()
	k.blocks()
	file, err := k.Result()
	if err != nil {
		return fmt.Errorf("building the kernel: %w", err)
	}
	if err := pass.Compile.Execute(file); err != nil {
		return fmt.Errorf("allocating registers: %w", err)
	}
	cfg := printer.Config{Name: "crypto/multibuffer/gen", Pkg: "multibuffer"}
	for name, p := range map[string]printer.Printer{
		"avx2_amd64.s":        printer.NewGoAsm(cfg),
		"avx2_stubs_amd64.go": printer.NewStubs(cfg),
	} {
		text, err := p.Print(file)
		if err != nil {
			return fmt.Errorf("printing %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
