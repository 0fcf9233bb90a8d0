//go:build !purego

package multiscalar

import (
	"debug/elf"
	"debug/gosym"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// TestMachineCode disassembles the kernels of this very program and compares
// them, instruction by instruction, with the assembly that the interpreter runs:
// what the assembler made of it is what was tested.
func TestMachineCode(t *testing.T) {
	m := newMachine(t)
	places := kernelPlaces(t)
	for name, r := range m.routines {
		at := places[name]
		out, err := exec.Command("objdump", "-d", "--no-show-raw-insn", "--section=.text",
			fmt.Sprintf("--start-address=%#x", at.Entry), fmt.Sprintf("--stop-address=%#x", at.End), programPath(t)).Output()
		if err != nil {
			t.Fatalf("objdump, of the Debian package binutils: %v", err)
		}
		code := disassembled(t, string(out))
		if len(code.body) != len(r.body) {
			t.Errorf("%s has %d instructions, not %d", name, len(code.body), len(r.body))
			continue
		}
		for i := range r.body {
			if got, want := code.show(i), r.show(i); got != want {
				t.Errorf("%s, %s\n\tis, as machine code, %s\n\tnot %s", name, r.body[i].line, got, want)
			}
		}
	}
}

func programPath(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// kernelPlaces finds the kernels in this program. Each has a second function of
// the same name that hands over the arguments; the kernel is the longer one.
func kernelPlaces(t *testing.T) map[string]gosym.Func {
	t.Helper()
	program, err := elf.Open(programPath(t))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	lines, err := program.Section(".gopclntab").Data()
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := gosym.NewTable(nil, gosym.NewLineTable(lines, program.Section(".text").Addr))
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]gosym.Func{}
	for _, f := range symbols.Funcs {
		name, ours := strings.CutPrefix(f.Name, "github.com/openreferendum/referendum/crypto/group/multiscalar.")
		if kept := places[name]; ours && f.End-f.Entry > kept.End-kept.Entry {
			places[name] = f
		}
	}
	return places
}

// disassembled reads what objdump prints, up to the first return.
func disassembled(t *testing.T, text string) *routine {
	t.Helper()
	r := &routine{labels: map[string]int{}}
	for _, line := range strings.Split(text, "\n") {
		address, code, found := strings.Cut(line, ":\t")
		if !found {
			continue
		}
		r.labels[strings.TrimSpace(address)] = len(r.body)
		code, _, _ = strings.Cut(code, "<")
		op, rest, _ := strings.Cut(strings.TrimSpace(code), " ")
		i := instruction{line: line}
		for _, arg := range splitOperands(rest) {
			arg, masked, _ := strings.Cut(arg, "{%")
			if masked != "" {
				i.args = append(i.args, operandOf(t, "%"+strings.TrimSuffix(masked, "}")))
			}
			i.args = append(i.args, operandOf(t, arg))
		}
		i.op = goName(op, rest)
		if i.op == "VPCMPUQ" {
			i.args = append([]operand{{kind: immediate, number: 5}}, i.args...)
		}
		r.body = append(r.body, i)
		if i.op == "RET" {
			return r
		}
	}
	return r
}

// splitOperands cuts at commas that are not within parentheses.
func splitOperands(s string) (all []string) {
	depth, from := 0, 0
	s = strings.TrimSpace(s)
	for i, c := range s {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			all, from = append(all, s[from:i]), i+1
		}
	}
	if from < len(s) {
		all = append(all, s[from:])
	}
	return all
}

// goName is the name of an instruction in Go's assembler.
func goName(op, rest string) string {
	switch op {
	case "mov", "movabs":
		if strings.Contains(rest, "%e") || strings.HasSuffix(rest, "d") {
			return "MOVL"
		}
		return "MOVQ"
	case "add", "xor", "dec", "test":
		return strings.ToUpper(op) + "Q"
	case "je":
		return "JZ"
	case "jne":
		return "JNZ"
	case "vpcmpnltuq":
		return "VPCMPUQ"
	}
	return strings.ToUpper(op)
}

// operandOf reads an operand as objdump writes it.
func operandOf(t *testing.T, s string) operand {
	t.Helper()
	number := func(s string, base int) uint64 {
		n, err := strconv.ParseUint(s, base, 64)
		if err != nil {
			t.Fatalf("operand %q: %v", s, err)
		}
		return n
	}
	switch {
	case s[0] == '$':
		return operand{kind: immediate, number: number(s[1:], 0)}
	case strings.HasSuffix(s, ")"):
		disp, inner, _ := strings.Cut(strings.TrimSuffix(s, ")"), "(")
		o := operand{kind: inMemory}
		if disp != "" {
			o.disp = number(disp, 0)
		}
		parts := strings.Split(inner, ",")
		if parts[0] == "%rsp" { // behind the return address stand the arguments
			return operand{kind: inFrame, disp: o.disp - 8}
		}
		o.base = registerOf(parts[0])
		if len(parts) == 3 {
			o.index, o.scale = registerOf(parts[1]), number(parts[2], 10)
		}
		return o
	case strings.HasPrefix(s, "%zmm"):
		return operand{kind: vectorRegister, name: "Z", number: number(s[4:], 10)}
	case strings.HasPrefix(s, "%ymm"):
		return operand{kind: vectorRegister, name: "Y", number: number(s[4:], 10)}
	case strings.HasPrefix(s, "%k"):
		return operand{kind: mask, number: number(s[2:], 10)}
	case s[0] == '%':
		return operand{kind: general, name: registerOf(s)}
	}
	return operand{kind: label, name: strings.TrimPrefix(strings.TrimSpace(s), "0x")}
}

// registerOf is the name of %rax or %eax, AX, and of %r8 or %r8d, R8.
func registerOf(s string) string {
	s = strings.TrimPrefix(s, "%")
	if s[0] == 'r' && s[1] >= '0' && s[1] <= '9' {
		return "R" + strings.TrimSuffix(s[1:], "d")
	}
	return strings.ToUpper(s[1:])
}

// show writes an instruction so that two of one meaning read alike.
func (r *routine) show(i int) string {
	text := r.body[i].op
	for _, o := range r.body[i].args {
		if o.kind == label {
			text += fmt.Sprintf(" to %d", r.labels[o.name])
			continue
		}
		text += fmt.Sprintf(" %+v", o)
	}
	return text
}
