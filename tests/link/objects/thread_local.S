// SPDX-License-Identifier: BSD-2-Clause
/* Thread-local variables by every model, one that nothing refers to, and a missing symbol beside them. */
        .text
        .globl run
run:    movl %fs:local_exec@TPOFF, %eax
        movq initial_exec@GOTTPOFF(%rip), %rax
        leaq general_dynamic@TLSGD(%rip), %rdi
        leaq local_dynamic@TLSLD(%rip), %rdi
        call missing_one
        ret
        .section .tdata, "awT", @progbits
local_exec: .long 1
unused: .long 2
        .section .note.GNU-stack, "", @progbits
