# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System-call groups by systemd version; made by tools/syscall_table.py.

A line is a group and its members. A member has `:FIRST-LAST` behind it
where it is in some versions only, either end left out where it is that
of `VERSIONS`; there may be several such spans, with commas between.
Members of `!` are system calls libseccomp does not know on x86-64.
"""

from __future__ import annotations

VERSIONS = (247, 252, 254, 257, 262)

GROUPS = """\
! _llseek _newselect arc_gettls arc_settls arc_usr_cmpxchg arm_fadvise64_64
 arm_sync_file_range:-247 atomic_barrier atomic_cmpxchg_32 bdflush
 bfin_spinlock:-247 break breakpoint:257- cache_sync:-247 cachectl cacheflush
 chown32 clock_adjtime64 clock_getres_time64 clock_gettime64
 clock_nanosleep_time64 clock_settime64 clone2:-247 dipc exec_with_loader execv
 fadvise64_64 fchown32 fchroot:262- fcntl64 file_getattr:257-257
 file_setattr:257-257 fp_udfiex_crtl:-247 fstat64 fstatat:257- fstatat64
 fstatfs64 ftime ftruncate64 futex_time64 get_tls:257- getdomainname
 getdtablesize getegid32 geteuid32 getgid32 getgroups32 gethostname getpagesize
 getresgid32 getresuid32 getuid32 getunwind:-247 getxgid getxpid getxuid gtty
 idle io_pgetevents_time64 ipc kern_features lchown32 llseek:257- lock lstat64
 memory_ordering mmap2 mpx mq_timedreceive_time64 mq_timedsend_time64
 multiplexer newfstat:257- ni_syscall:-247 nice old_adjtimex
 old_getpagesize:-247 oldfstat oldlstat oldolduname oldstat oldumount olduname
 or1k_atomic osf_adjtime:-247 osf_afs_syscall:-247 osf_alt_plock:-247
 osf_alt_setsid:-247 osf_alt_sigpending:-247 osf_asynch_daemon:-247
 osf_audcntl:-247 osf_audgen:-247 osf_chflags:-247 osf_execve:-247
 osf_exportfs:-247 osf_fchflags:-247 osf_fdatasync:-247 osf_fpathconf:-247
 osf_fstat osf_fstatfs osf_fstatfs64 osf_fuser:-247 osf_getaddressconf:-247
 osf_getdirentries osf_getdomainname osf_getfh:-247 osf_getfsstat:-247
 osf_gethostid:-247 osf_getitimer osf_getlogin:-247 osf_getmnt:-247
 osf_getrusage osf_getsysinfo osf_gettimeofday osf_kloadcall:-247
 osf_kmodcall:-247 osf_lstat osf_memcntl:-247 osf_mincore:-247 osf_mount
 osf_mremap:-247 osf_msfs_syscall:-247 osf_msleep:-247 osf_mvalid:-247
 osf_mwakeup:-247 osf_naccept:-247 osf_nfssvc:-247 osf_ngetpeername:-247
 osf_ngetsockname:-247 osf_nrecvfrom:-247 osf_nrecvmsg:-247 osf_nsendmsg:-247
 osf_ntp_adjtime:-247 osf_ntp_gettime:-247 osf_old_creat:-247
 osf_old_fstat:-247 osf_old_getpgrp:-247 osf_old_killpg:-247 osf_old_lstat:-247
 osf_old_open:-247 osf_old_sigaction:-247 osf_old_sigblock:-247
 osf_old_sigreturn:-247 osf_old_sigsetmask:-247 osf_old_sigvec:-247
 osf_old_stat:-247 osf_old_vadvise:-247 osf_old_vtrace:-247 osf_old_wait:-247
 osf_oldquota:-247 osf_pathconf:-247 osf_pid_block:-247 osf_pid_unblock:-247
 osf_plock:-247 osf_priocntlset:-247 osf_profil:-247 osf_proplist_syscall
 osf_reboot:-247 osf_revoke:-247 osf_sbrk:-247 osf_security:-247 osf_select
 osf_set_program_attributes osf_set_speculative:-247 osf_sethostid:-247
 osf_setitimer osf_setlogin:-247 osf_setsysinfo osf_settimeofday osf_shmat
 osf_signal:-247 osf_sigprocmask osf_sigsendset:-247 osf_sigstack
 osf_sigwaitprim:-247 osf_sstk:-247 osf_stat osf_statfs osf_statfs64
 osf_subsys_info:-247 osf_swapctl:-247 osf_swapon osf_syscall osf_sysinfo
 osf_table:-247 osf_uadmin:-247 osf_usleep_thread osf_uswitch:-247
 osf_utc_adjtime:-247 osf_utc_gettime:-247 osf_utimes osf_utsname osf_wait4
 osf_waitid:-247 pciconfig_iobase pciconfig_read pciconfig_write perfctr
 perfmonctl:-247 ppoll_time64 prof profil pselect6_time64 readdir recv
 recvmmsg_time64 riscv_flush_icache riscv_hwprobe:252- rt_sigtimedwait_time64
 rtas s390_guarded_storage s390_pci_mmio_read s390_pci_mmio_write
 s390_runtime_instr s390_sthyi sched_get_affinity sched_rr_get_interval_time64
 sched_set_affinity semtimedop_time64 send sendfile64 set_tls setfsgid32
 setfsuid32 setgid32 setgroups32 sethae setpgrp setregid32 setresgid32
 setresuid32 setreuid32 setuid32 sgetmask sigaction signal sigpending
 sigprocmask sigreturn sigsuspend socketcall spu_create spu_run ssetmask stat64
 statfs64 stime stty subpage_prot swapcontext switch_endian sync_file_range2
 sys_debug_setcontext syscall sysmips timer_gettime64 timer_settime64 timerfd
 timerfd_gettime64 timerfd_settime64 truncate64 udftrap:-247 ugetrlimit ulimit
 umount uretprobe:252-254 usr26:257- usr32:257- utimensat_time64 utimesat:-247
 utrap_install vm86 vm86old waitpid
@aio io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64
 io_setup io_submit io_uring_enter io_uring_register io_uring_setup
@basic-io _llseek close close_range dup dup2 dup3 llseek:257- lseek pread64
 preadv preadv2 pwrite64 pwritev pwritev2 read readv write writev
@chown chown chown32 fchown fchown32 fchownat lchown lchown32
@clock adjtimex clock_adjtime clock_adjtime64 clock_settime clock_settime64
 settimeofday
@cpu-emulation modify_ldt subpage_prot switch_endian vm86 vm86old
@debug lookup_dcookie perf_event_open pidfd_getfd ptrace rtas
 s390_runtime_instr:252- sys_debug_setcontext
@default @sandbox:254- arch_prctl:252- brk cacheflush clock_getres
 clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
 clock_nanosleep_time64 execve exit exit_group futex futex_time64
 futex_waitv:252- get_robust_list get_thread_area getegid getegid32 geteuid
 geteuid32 getgid getgid32 getgroups getgroups32 getpgid getpgrp getpid getppid
 getrandom:252- getresgid getresgid32 getresuid getresuid32 getrlimit getsid
 gettid gettimeofday getuid getuid32 lsm_get_self_attr:257-
 lsm_list_modules:257- membarrier mmap mmap2 mprotect:252- mseal:257- munmap
 nanosleep pause prlimit64 restart_syscall riscv_flush_icache:252-
 riscv_hwprobe:252- rseq rt_sigreturn sched_getaffinity:252- sched_yield
 set_robust_list set_thread_area set_tid_address set_tls sigreturn time
 ugetrlimit uretprobe:252-
@file-system access chdir chmod close creat faccessat faccessat2 fallocate
 fchdir fchmod fchmodat fchmodat2:252- fcntl fcntl64 fgetxattr
 file_getattr:257- file_setattr:257- flistxattr fremovexattr fsetxattr fstat
 fstat64 fstatat:257- fstatat64 fstatfs fstatfs64 ftruncate ftruncate64
 futimesat getcwd getdents getdents64 getxattr getxattrat:257-
 inotify_add_watch inotify_init inotify_init1 inotify_rm_watch lgetxattr link
 linkat listmount:257- listxattr listxattrat:257- llistxattr lremovexattr
 lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat newfstat:257- newfstatat
 oldfstat oldlstat oldstat open open_tree:262- openat openat2 readlink
 readlinkat removexattr removexattrat:257- rename renameat renameat2 rmdir
 setxattr setxattrat:257- stat stat64 statfs statfs64 statmount:257- statx
 symlink symlinkat truncate truncate64 unlink unlinkat utime utimensat
 utimensat_time64 utimes
@io-event _newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old
 epoll_pwait epoll_pwait2:252- epoll_wait epoll_wait_old eventfd eventfd2 poll
 ppoll ppoll_time64 pselect6 pselect6_time64 select
@ipc ipc memfd_create mq_getsetattr mq_notify mq_open mq_timedreceive
 mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl
 msgget msgrcv msgsnd pipe pipe2 process_madvise:252- process_vm_readv
 process_vm_writev semctl semget semop semtimedop semtimedop_time64 shmat
 shmctl shmdt shmget
@keyring add_key keyctl request_key
@known @obsolete:252-252,257- _llseek _newselect _sysctl:-247 accept accept4
 access acct add_key adjtimex alarm arc_gettls arc_settls arc_usr_cmpxchg
 arch_prctl arm_fadvise64_64 arm_sync_file_range:-247 atomic_barrier
 atomic_cmpxchg_32 bdflush:-247 bfin_spinlock:-247 bind bpf breakpoint:257- brk
 cache_sync:-247 cachectl cacheflush cachestat:254- capget capset chdir chmod
 chown chown32 chroot clock_adjtime clock_adjtime64 clock_getres
 clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
 clock_nanosleep_time64 clock_settime clock_settime64 clone clone2:-247 clone3
 close close_range connect copy_file_range creat create_module:-247
 delete_module dipc dup dup2 dup3 epoll_create epoll_create1 epoll_ctl
 epoll_ctl_old epoll_pwait epoll_pwait2:252- epoll_wait epoll_wait_old eventfd
 eventfd2 exec_with_loader execv execve execveat exit exit_group faccessat
 faccessat2 fadvise64 fadvise64_64 fallocate fanotify_init fanotify_mark fchdir
 fchmod fchmodat fchmodat2:252- fchown fchown32 fchownat fchroot:262- fcntl
 fcntl64 fdatasync fgetxattr file_getattr:257- file_setattr:257- finit_module
 flistxattr flock fork fp_udfiex_crtl:-247 fremovexattr fsconfig fsetxattr
 fsmount fsopen fspick fstat fstat64 fstatat64 fstatfs fstatfs64 fsync
 ftruncate ftruncate64 futex futex_requeue:252- futex_time64 futex_wait:252-
 futex_waitv:252- futex_wake:252- futimesat get_kernel_syms:-247 get_mempolicy
 get_robust_list get_thread_area get_tls:257- getcpu getcwd getdents getdents64
 getdomainname getdtablesize getegid getegid32 geteuid geteuid32 getgid
 getgid32 getgroups getgroups32 gethostname getitimer getpagesize getpeername
 getpgid getpgrp getpid getpmsg:-247 getppid getpriority getrandom getresgid
 getresgid32 getresuid getresuid32 getrlimit getrusage getsid getsockname
 getsockopt gettid gettimeofday getuid getuid32 getunwind:-247 getxattr
 getxattrat:257- getxgid getxpid getxuid idle:-247 init_module
 inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel
 io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit
 io_uring_enter io_uring_register io_uring_setup ioctl ioperm iopl ioprio_get
 ioprio_set ipc kcmp kern_features kexec_file_load kexec_load keyctl kill
 landlock_add_rule:252- landlock_create_ruleset:252-
 landlock_restrict_self:252- lchown lchown32 lgetxattr link linkat listen
 listmount:257- listns:262- listxattr listxattrat:257- llistxattr llseek:257-
 lookup_dcookie lremovexattr lseek lsetxattr lsm_get_self_attr:257-
 lsm_list_modules:257- lsm_set_self_attr:257- lstat lstat64 madvise
 map_shadow_stack:252- mbind membarrier memfd_create memfd_secret:252-
 memory_ordering migrate_pages mincore mkdir mkdirat mknod mknodat mlock mlock2
 mlockall mmap mmap2 modify_ldt mount mount_setattr:252- move_mount move_pages
 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive
 mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap
 mseal:257- msgctl msgget msgrcv msgsnd msync multiplexer munlock munlockall
 munmap name_to_handle_at nanosleep newfstatat nfsservctl:-247 ni_syscall:-247
 nice old_adjtimex old_getpagesize:-247 oldfstat oldlstat oldolduname oldstat
 oldumount olduname open open_by_handle_at open_tree open_tree_attr:262- openat
 openat2 or1k_atomic osf_adjtime:-247 osf_afs_syscall:-247 osf_alt_plock:-247
 osf_alt_setsid:-247 osf_alt_sigpending:-247 osf_asynch_daemon:-247
 osf_audcntl:-247 osf_audgen:-247 osf_chflags:-247 osf_execve:-247
 osf_exportfs:-247 osf_fchflags:-247 osf_fdatasync:-247 osf_fpathconf:-247
 osf_fstat osf_fstatfs osf_fstatfs64 osf_fuser:-247 osf_getaddressconf:-247
 osf_getdirentries osf_getdomainname osf_getfh:-247 osf_getfsstat:-247
 osf_gethostid:-247 osf_getitimer osf_getlogin:-247 osf_getmnt:-247
 osf_getrusage osf_getsysinfo osf_gettimeofday osf_kloadcall:-247
 osf_kmodcall:-247 osf_lstat osf_memcntl:-247 osf_mincore:-247 osf_mount
 osf_mremap:-247 osf_msfs_syscall:-247 osf_msleep:-247 osf_mvalid:-247
 osf_mwakeup:-247 osf_naccept:-247 osf_nfssvc:-247 osf_ngetpeername:-247
 osf_ngetsockname:-247 osf_nrecvfrom:-247 osf_nrecvmsg:-247 osf_nsendmsg:-247
 osf_ntp_adjtime:-247 osf_ntp_gettime:-247 osf_old_creat:-247
 osf_old_fstat:-247 osf_old_getpgrp:-247 osf_old_killpg:-247 osf_old_lstat:-247
 osf_old_open:-247 osf_old_sigaction:-247 osf_old_sigblock:-247
 osf_old_sigreturn:-247 osf_old_sigsetmask:-247 osf_old_sigvec:-247
 osf_old_stat:-247 osf_old_vadvise:-247 osf_old_vtrace:-247 osf_old_wait:-247
 osf_oldquota:-247 osf_pathconf:-247 osf_pid_block:-247 osf_pid_unblock:-247
 osf_plock:-247 osf_priocntlset:-247 osf_profil:-247 osf_proplist_syscall
 osf_reboot:-247 osf_revoke:-247 osf_sbrk:-247 osf_security:-247 osf_select
 osf_set_program_attributes osf_set_speculative:-247 osf_sethostid:-247
 osf_setitimer osf_setlogin:-247 osf_setsysinfo osf_settimeofday osf_shmat
 osf_signal:-247 osf_sigprocmask osf_sigsendset:-247 osf_sigstack
 osf_sigwaitprim:-247 osf_sstk:-247 osf_stat osf_statfs osf_statfs64
 osf_subsys_info:-247 osf_swapctl:-247 osf_swapon osf_syscall osf_sysinfo
 osf_table:-247 osf_uadmin:-247 osf_usleep_thread osf_uswitch:-247
 osf_utc_adjtime:-247 osf_utc_gettime:-247 osf_utimes osf_utsname osf_wait4
 osf_waitid:-247 pause pciconfig_iobase pciconfig_read pciconfig_write
 perf_event_open perfctr perfmonctl:-247 personality pidfd_getfd pidfd_open
 pidfd_send_signal pipe pipe2 pivot_root pkey_alloc pkey_free pkey_mprotect
 poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_madvise
 process_mrelease:252- process_vm_readv process_vm_writev pselect6
 pselect6_time64 ptrace pwrite64 pwritev pwritev2 query_module:-247 quotactl
 quotactl_fd:252- read readahead readdir readlink readlinkat readv reboot recv
 recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr
 removexattrat:257- rename renameat renameat2 request_key restart_syscall
 riscv_flush_icache riscv_hwprobe:252- rmdir rseq rseq_slice_yield:262-
 rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
 rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo rtas
 s390_guarded_storage s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr
 s390_sthyi sched_get_affinity sched_get_priority_max sched_get_priority_min
 sched_getaffinity sched_getattr sched_getparam sched_getscheduler
 sched_rr_get_interval sched_rr_get_interval_time64 sched_set_affinity
 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield
 seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile
 sendfile64 sendmmsg sendmsg sendto set_mempolicy set_mempolicy_home_node:252-
 set_robust_list set_thread_area set_tid_address set_tls:257- setdomainname
 setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32
 sethae sethostname setitimer setns setpgid setpgrp setpriority setregid
 setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32
 setrlimit setsid setsockopt settimeofday setuid setuid32 setxattr
 setxattrat:257- sgetmask shmat shmctl shmdt shmget shutdown sigaction
 sigaltstack signal signalfd signalfd4 sigpending sigprocmask sigreturn
 sigsuspend socket socketcall socketpair splice spu_create spu_run ssetmask
 stat stat64 statfs statfs64 statmount:257- statx stime subpage_prot
 swapcontext swapoff swapon switch_endian symlink symlinkat sync
 sync_file_range sync_file_range2 syncfs sys_debug_setcontext syscall sysfs
 sysinfo syslog sysmips tee tgkill time timer_create timer_delete
 timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
 timerfd timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
 timerfd_settime64 times tkill truncate truncate64 udftrap:-247 ugetrlimit
 umask umount umount2 uname unlink unlinkat unshare uprobe:262- uretprobe:257-
 uselib:-247 userfaultfd usr26:257- usr32:257- ustat utime utimensat
 utimensat_time64 utimes utimesat:-247 utrap_install vfork vhangup vm86 vm86old
 vmsplice wait4 waitid waitpid write writev
@memlock mlock mlock2 mlockall munlock munlockall
@module delete_module finit_module init_module
@mount chroot fsconfig fsmount fsopen fspick mount mount_setattr:252-
 move_mount open_tree:-257 open_tree_attr:262- pivot_root umount umount2
@network-io accept accept4 bind connect getpeername getsockname getsockopt
 listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg
 sendto setsockopt shutdown socket socketcall socketpair
@obsolete _sysctl afs_syscall bdflush break create_module ftime get_kernel_syms
 getpmsg gtty idle lock mpx prof profil putpmsg query_module security sgetmask
 ssetmask stime stty sysfs tuxcall ulimit uselib ustat vserver
@pkey pkey_alloc pkey_free pkey_mprotect
@privileged @chown @clock @module @raw-io @reboot @swap _sysctl acct bpf capset
 chroot fanotify_init fanotify_mark nfsservctl open_by_handle_at pivot_root
 quotactl quotactl_fd:252- setdomainname setfsuid setfsuid32 setgroups
 setgroups32 sethostname setresuid setresuid32 setreuid setreuid32 setuid
 setuid32 vhangup
@process arch_prctl:-247 capget clone clone3 execveat fork getrusage kill
 pidfd_open pidfd_send_signal prctl rt_sigqueueinfo rt_tgsigqueueinfo setns
 swapcontext tgkill times tkill unshare vfork wait4 waitid waitpid
@raw-io ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write
 s390_pci_mmio_read:252- s390_pci_mmio_write:252-
@reboot kexec_file_load kexec_load reboot
@resources ioprio_set mbind migrate_pages move_pages nice sched_setaffinity
 sched_setattr sched_setparam sched_setscheduler set_mempolicy
 set_mempolicy_home_node:252- setpriority setrlimit
@sandbox landlock_add_rule:254- landlock_create_ruleset:254-
 landlock_restrict_self:254- seccomp:254-
@setuid setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid
 setresgid32 setresuid setresuid32 setreuid setreuid32 setuid setuid32
@signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigsuspend rt_sigtimedwait
 rt_sigtimedwait_time64 sigaction sigaltstack signal signalfd signalfd4
 sigpending sigprocmask sigsuspend
@swap swapoff swapon
@sync fdatasync fsync msync sync sync_file_range sync_file_range2 syncfs
@system-service @aio @basic-io @chown @default @file-system @io-event @ipc
 @keyring @memlock @network-io @process @resources @setuid @signal @sync @timer
 arm_fadvise64_64:252- capget capset copy_file_range fadvise64 fadvise64_64
 flock get_mempolicy getcpu getpriority getrandom:-247 ioctl ioprio_get kcmp
 madvise mprotect:-247 mremap name_to_handle_at oldolduname olduname
 personality readahead readdir remap_file_pages sched_get_priority_max
 sched_get_priority_min sched_getaffinity:-247 sched_getattr sched_getparam
 sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64
 sched_yield sendfile sendfile64 setfsgid setfsgid32 setfsuid setfsuid32
 setpgid setsid splice sysinfo tee umask uname userfaultfd vmsplice
@timer alarm getitimer setitimer timer_create timer_delete timer_getoverrun
 timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create
 timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times
"""
