package game

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// What a sandboxed program may not ask of the kernel, beside what its
// namespaces and its want of capabilities keep from it: interfaces that reach
// past namespaces (keys, sockets to the hypervisor) and those by which kernels
// have been taken over, which no game needs.
var forbiddenCalls = []uint32{
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_KEXEC_LOAD,
	unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES,
}

// allowedFamilies are the sockets that there are: the network's is its
// namespace's to allow.
var allowedFamilies = []uint32{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK}

// Where struct seccomp_data (linux/seccomp.h) has what is looked at.
const (
	offsetCall  = 0
	offsetArch  = 4
	offsetFirst = 16 // the lower half of the first argument: little-endian
	x32Calls    = 0x4000_0000
	answerAllow = 0x7fff_0000 // SECCOMP_RET_ALLOW
	answerError = 0x0005_0000 // SECCOMP_RET_ERRNO, with the number in the lower half
	nativeAMD64 = unix.AUDIT_ARCH_X86_64
	nativeARM64 = unix.AUDIT_ARCH_AARCH64
)

// seccomp is the filter of system calls as bubblewrap takes it: an array of
// struct sock_filter. It is nil on machines that it is not written for. Calls
// of another architecture, whose numbers mean something else, don't exist in
// it: programs of 32 bits do not run.
func seccomp() ([]byte, error) {
	var native uint32
	switch runtime.GOARCH {
	case "amd64":
		native = nativeAMD64
	case "arm64":
		native = nativeARM64
	default:
		return nil, nil
	}
	refuse := func(errno unix.Errno) bpf.Instruction { return bpf.RetConstant{Val: answerError | uint32(errno)} }
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offsetArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: native, SkipTrue: 1},
		refuse(unix.ENOSYS),
		bpf.LoadAbsolute{Off: offsetCall, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: x32Calls, SkipTrue: 1},
		refuse(unix.ENOSYS),
	}
	for _, call := range forbiddenCalls {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: call, SkipTrue: 1}, refuse(unix.ENOSYS))
	}
	families := uint8(len(allowedFamilies))
	program = append(program,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_SOCKET, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_SOCKETPAIR, SkipTrue: 1},
		bpf.RetConstant{Val: answerAllow},
		bpf.LoadAbsolute{Off: offsetFirst, Size: 4})
	for i, family := range allowedFamilies {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: family, SkipTrue: families - uint8(i)})
	}
	program = append(program, refuse(unix.EAFNOSUPPORT), bpf.RetConstant{Val: answerAllow})
	raw, err := bpf.Assemble(program)
	if err != nil {
		return nil, fmt.Errorf("assemble the filter of system calls: %w", err)
	}
	var filter bytes.Buffer
	for _, i := range raw {
		if err := binary.Write(&filter, binary.NativeEndian, i); err != nil {
			return nil, err
		}
	}
	return filter.Bytes(), nil
}

// seccompFile is the filter to read from, once. It fits into a pipe.
func seccompFile() (*os.File, error) {
	filter, err := seccomp()
	if err != nil || filter == nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if _, err := w.Write(filter); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}
