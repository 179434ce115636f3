# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every directive of every systemd; made by tools/directives.py.

One text, as modules are compiled anew on every call and a text costs
nothing to compile. Its columns are sections, name, since, removed,
variants with a backport, value types, deprecated since, replacement,
feature of the build, manual page.
"""

from __future__ import annotations

TABLE = """\
Automount|DirectoryMode|239|||mode one keep||||automount
Automount|ExtraOptions|250|||string one reset||||automount
Automount|TimeoutIdleSec|239|||time-span one keep||||automount
Automount|Where|239|||path one reset||||automount
Install|Alias|239|||alias-names many reset||||unit
Install|Also|239|||unit-names many noop||||unit
Install|DefaultInstance|239|||instance one reset||||unit
Install|RequiredBy|239|||unit-names many reset||||unit
Install|UpheldBy|254|||unit-names many reset||||unit
Install|WantedBy|239|||unit-names many reset||||unit
Mount,Scope,Service,Slice,Socket,Swap|AllowedCPUs|244||el8|cpu-list many \
reset;cpu-set many reset@250||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|AllowedMemoryNodes|244||el8|cpu-list \
many reset;cpu-set many reset@250||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|BPFProgram|249|||bpf-program many reset|\
|||resource-control
Mount,Scope,Service,Slice,Socket,Swap|BindNetworkInterface|260|||\
interface-bound one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|BlockIOAccounting|239|258||boolean one \
keep|0|IOAccounting||resource-control
Mount,Scope,Service,Slice,Socket,Swap|BlockIODeviceWeight|239|258||\
device-blkio-weight many reset|0|IODeviceWeight||resource-control
Mount,Scope,Service,Slice,Socket,Swap|BlockIOReadBandwidth|239|258||\
device-bandwidth many reset|0|IOReadBandwidthMax||resource-control
Mount,Scope,Service,Slice,Socket,Swap|BlockIOWeight|239|258||blkio-weight one \
reset|0|IOWeight||resource-control
Mount,Scope,Service,Slice,Socket,Swap|BlockIOWriteBandwidth|239|258||\
device-bandwidth many reset|0|IOWriteBandwidthMax||resource-control
Mount,Scope,Service,Slice,Socket,Swap|CPUAccounting|239|258||boolean one keep|\
|||resource-control
Mount,Scope,Service,Slice,Socket,Swap|CPUPressureThresholdSec|261|||time-span \
one keep||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|CPUPressureWatch|261|||\
enum:pressure-watch one keep||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|CPUQuotaPeriodSec|242||el8|time-span \
one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|CPUQuota|239|||cpu-quota one reset||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|CPUSetPartition|261|||\
enum:cpuset-partition one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|CPUShares|239|258||cpu-shares one reset|\
0|CPUWeight||resource-control
Mount,Scope,Service,Slice,Socket,Swap|CPUWeight|239|||weight one reset;\
cpu-weight one reset@252||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|CoredumpReceive|255|||boolean one keep||\
||resource-control
Mount,Scope,Service,Slice,Socket,Swap|DefaultMemoryLow|243|260|el8|memory-0 \
one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|DefaultMemoryMin|243|260|el8|memory-0 \
one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|DefaultStartupMemoryLow|254|260||memory \
one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|DelegateSubgroup|254|||cgroup-name one \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|Delegate|239|||delegate many value||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|DeviceAllow|239|||device-allow many \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|DevicePolicy|239|||enum:device-policy \
one keep||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|DisableControllers|240|||controllers \
many reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IOAccounting|239|||boolean one keep||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|IODeviceLatencyTargetSec|240||el8|\
device-latency many reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IODeviceWeight|239|||device-weight many \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IOPressureThresholdSec|261|||time-span \
one keep||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IOPressureWatch|261|||\
enum:pressure-watch one keep||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IOReadBandwidthMax|239|||device-limit \
many reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IOReadIOPSMax|239|||device-limit many \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IOWeight|239|||weight one reset||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|IOWriteBandwidthMax|239|||device-limit \
many reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IOWriteIOPSMax|239|||device-limit many \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IPAccounting|239|||boolean one keep||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|IPAddressAllow|239|||ip-networks many \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IPAddressDeny|239|||ip-networks many \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IPEgressFilterPath|243|||path-each many \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|IPIngressFilterPath|243|||path-each \
many reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|ManagedOOMMemoryPressureDurationSec|257|\
||oom-duration one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|ManagedOOMMemoryPressureLimitPercent|\
247|248||percentage one reset|246|ManagedOOMMemoryPressureLimit||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|ManagedOOMMemoryPressureLimit|248|||\
percentage one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|ManagedOOMMemoryPressure|247|||\
enum:managed-oom one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|ManagedOOMPreference|248|||\
enum:oom-preference one keep||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|ManagedOOMSwap|247|||enum:managed-oom \
one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryAccounting|239|||boolean one keep|\
|||resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryHigh|239|||memory one reset||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryLimit|239|258||memory one reset|0|\
MemoryMax||resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryLow|239|||memory-0 one reset||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryMax|239|||memory one reset||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryMin|240||el8|memory-0 one reset|||\
|resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryPressureThresholdSec|254|||\
time-span one keep||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryPressureWatch|254|||\
enum:pressure-watch one keep||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemorySwapMax|239|||memory-0 one reset||\
||resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryZSwapMax|253|||memory-0 one reset|\
|||resource-control
Mount,Scope,Service,Slice,Socket,Swap|MemoryZSwapWriteback|256|||boolean one \
keep||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|NFTSet|255|||nft-set many reset||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|NetClass|239|239||none one noop||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|OOMRules|261|||oom-rules many reset||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|RestrictNetworkInterfaces|250|||\
interfaces many reset|||BPF_FRAMEWORK|resource-control
Mount,Scope,Service,Slice,Socket,Swap|Slice|239|||slice-unit one keep||||\
resource-control
Mount,Scope,Service,Slice,Socket,Swap|SocketBindAllow|249|||socket-bind many \
reset|||BPF_FRAMEWORK|resource-control
Mount,Scope,Service,Slice,Socket,Swap|SocketBindDeny|249|||socket-bind many \
reset|||BPF_FRAMEWORK|resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupAllowedCPUs|250|||cpu-set many \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupAllowedMemoryNodes|250|||cpu-set \
many reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupBlockIOWeight|239|258||\
blkio-weight one reset|0|StartupIOWeight||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupCPUShares|239|258||cpu-shares \
one reset|0|StartupCPUWeight||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupCPUWeight|239|||weight one reset;\
cpu-weight one reset@252||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupIOWeight|239|||weight one reset||\
||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupMemoryHigh|254|||memory one \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupMemoryLow|254|||memory-0 one \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupMemoryMax|254|||memory one reset|\
|||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupMemorySwapMax|254|||memory-0 one \
reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|StartupMemoryZSwapMax|254|||memory-0 \
one reset||||resource-control
Mount,Scope,Service,Slice,Socket,Swap|TasksAccounting|239|||boolean one keep||\
||resource-control
Mount,Scope,Service,Slice,Socket,Swap|TasksMax|239|||tasks-max one reset||||\
resource-control
Mount,Scope,Service,Socket,Swap|FinalKillSignal|240|||signal one keep||||kill
Mount,Scope,Service,Socket,Swap|KillMode|239|||kill-mode one reset||||kill
Mount,Scope,Service,Socket,Swap|KillSignal|239|||signal one keep||||kill
Mount,Scope,Service,Socket,Swap|RestartKillSignal|244|||signal one keep||||kill
Mount,Scope,Service,Socket,Swap|SendSIGHUP|239|||boolean one keep||||kill
Mount,Scope,Service,Socket,Swap|SendSIGKILL|239|||boolean one keep||||kill
Mount,Scope,Service,Socket,Swap|WatchdogSignal|240|||signal one keep||||kill
Mount,Service,Socket,Swap|AmbientCapabilities|239|||capabilities many value|||\
|exec
Mount,Service,Socket,Swap|AppArmorProfile|239|||label one reset|||APPARMOR|exec
Mount,Service,Socket,Swap|BPFDelegateAttachments|258|||bpf-attachments one \
reset||||exec
Mount,Service,Socket,Swap|BPFDelegateCommands|258|||bpf-commands one reset||||\
exec
Mount,Service,Socket,Swap|BPFDelegateMaps|258|||bpf-maps one reset||||exec
Mount,Service,Socket,Swap|BPFDelegatePrograms|258|||bpf-programs one reset||||\
exec
Mount,Service,Socket,Swap|BindLogSockets|257|||boolean one reset||||exec
Mount,Service,Socket,Swap|BindPaths|239|||bind-paths many reset||||exec
Mount,Service,Socket,Swap|BindReadOnlyPaths|239|||bind-paths many reset||||exec
Mount,Service,Socket,Swap|CPUAffinity|239|||cpu-affinity many reset||||exec
Mount,Service,Socket,Swap|CPUSchedulingPolicy|239|||enum:cpu-scheduling one \
reset||||exec
Mount,Service,Socket,Swap|CPUSchedulingPriority|239|||priority-99 one keep||||\
exec
Mount,Service,Socket,Swap|CPUSchedulingResetOnFork|239|||boolean one keep||||\
exec
Mount,Service,Socket,Swap|CacheDirectoryAccounting|258|||boolean one keep||||\
exec
Mount,Service,Socket,Swap|CacheDirectoryMode|239|||mode one keep||||exec
Mount,Service,Socket,Swap|CacheDirectoryQuota|258|||quota one reset||||exec
Mount,Service,Socket,Swap|CacheDirectory|239|||directories many reset||||exec
Mount,Service,Socket,Swap|Capabilities|239|239||none one noop||||exec
Mount,Service,Socket,Swap|CapabilityBoundingSet|239|||capabilities many value|\
|||exec
Mount,Service,Socket,Swap|ConfigurationDirectoryMode|239|||mode one keep||||\
exec
Mount,Service,Socket,Swap|ConfigurationDirectory|239|||directories many reset|\
|||exec
Mount,Service,Socket,Swap|CoredumpFilter|246|||coredump-filter many reset||||\
exec
Mount,Service,Socket,Swap|DelegateNamespaces|258|||namespaces many reset||||\
exec
Mount,Service,Socket,Swap|DynamicUser|239|||boolean-fatal one keep||||exec
Mount,Service,Socket,Swap|EnvironmentFile|239|||environment-file many reset|||\
|exec
Mount,Service,Socket,Swap|Environment|239|||environment many reset||||exec
Mount,Service,Socket,Swap|ExecPaths|248|||namespace-paths many reset||||exec
Mount,Service,Socket,Swap|ExecSearchPath|250|||colon-paths many reset||||exec
Mount,Service,Socket,Swap|ExtensionDirectories|251|||namespace-paths many \
reset||||exec
Mount,Service,Socket,Swap|ExtensionImagePolicy|254|||image-policy one reset|||\
|exec
Mount,Service,Socket,Swap|ExtensionImages|248|||extension-images many reset|||\
|exec
Mount,Service,Socket,Swap|Group|239|||user one reset||||exec
Mount,Service,Socket,Swap|IOSchedulingClass|239|||enum:io-class one reset||||\
exec
Mount,Service,Socket,Swap|IOSchedulingPriority|239|||io-priority one reset||||\
exec
Mount,Service,Socket,Swap|IPCNamespacePath|248|||path one reset||||exec
Mount,Service,Socket,Swap|IgnoreSIGPIPE|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|ImportCredential|254|||import-credential many reset|\
|||exec
Mount,Service,Socket,Swap|InaccessibleDirectories|239|||namespace-paths many \
reset|0|InaccessiblePaths||exec
Mount,Service,Socket,Swap|InaccessiblePaths|239|||namespace-paths many reset||\
||exec
Mount,Service,Socket,Swap|KeyringMode|239|||enum:keyring-mode one keep||||exec
Mount,Service,Socket,Swap|LimitAS|239|||rlimit-size one keep||||exec
Mount,Service,Socket,Swap|LimitCORE|239|||rlimit-size one keep||||exec
Mount,Service,Socket,Swap|LimitCPU|239|||rlimit-seconds one keep||||exec
Mount,Service,Socket,Swap|LimitDATA|239|||rlimit-size one keep||||exec
Mount,Service,Socket,Swap|LimitFSIZE|239|||rlimit-size one keep||||exec
Mount,Service,Socket,Swap|LimitLOCKS|239|||rlimit-count one keep||||exec
Mount,Service,Socket,Swap|LimitMEMLOCK|239|||rlimit-size one keep||||exec
Mount,Service,Socket,Swap|LimitMSGQUEUE|239|||rlimit-size one keep||||exec
Mount,Service,Socket,Swap|LimitNICE|239|||rlimit-nice one keep||||exec
Mount,Service,Socket,Swap|LimitNOFILE|239|||rlimit-count one keep||||exec
Mount,Service,Socket,Swap|LimitNPROC|239|||rlimit-count one keep||||exec
Mount,Service,Socket,Swap|LimitRSS|239|||rlimit-size one keep||||exec
Mount,Service,Socket,Swap|LimitRTPRIO|239|||rlimit-count one keep||||exec
Mount,Service,Socket,Swap|LimitRTTIME|239|||rlimit-microseconds one keep||||\
exec
Mount,Service,Socket,Swap|LimitSIGPENDING|239|||rlimit-count one keep||||exec
Mount,Service,Socket,Swap|LimitSTACK|239|||rlimit-size one keep||||exec
Mount,Service,Socket,Swap|LoadCredentialEncrypted|250|||load-credential many \
reset||||exec
Mount,Service,Socket,Swap|LoadCredential|247|||load-credential many reset||||\
exec
Mount,Service,Socket,Swap|LockPersonality|239|||boolean one keep|||SECCOMP|exec
Mount,Service,Socket,Swap|LogExtraFields|239|||log-fields many reset||||exec
Mount,Service,Socket,Swap|LogFilterPatterns|253|||log-pattern many reset||||\
exec
Mount,Service,Socket,Swap|LogLevelMax|239|||log-level one keep||||exec
Mount,Service,Socket,Swap|LogNamespace|245|||log-namespace one reset||||exec
Mount,Service,Socket,Swap|LogRateLimitBurst|240||el8|unsigned one keep||||exec
Mount,Service,Socket,Swap|LogRateLimitIntervalSec|240||el8|time-span one keep|\
|||exec
Mount,Service,Socket,Swap|LogsDirectoryAccounting|258|||boolean one keep||||\
exec
Mount,Service,Socket,Swap|LogsDirectoryMode|239|||mode one keep||||exec
Mount,Service,Socket,Swap|LogsDirectoryQuota|258|||quota one reset||||exec
Mount,Service,Socket,Swap|LogsDirectory|239|||directories many reset||||exec
Mount,Service,Socket,Swap|MemoryDenyWriteExecute|239|||boolean one keep|||\
SECCOMP|exec
Mount,Service,Socket,Swap|MemoryKSM|254|||boolean one reset||||exec
Mount,Service,Socket,Swap|MemoryTHP|260|||enum:memory-thp one keep||||exec
Mount,Service,Socket,Swap|MountAPIVFS|239|||boolean one keep;boolean one \
reset@248||||exec
Mount,Service,Socket,Swap|MountFlags|239|||enum:propagation one reset;\
enum:propagation one value@254||||exec
Mount,Service,Socket,Swap|MountImagePolicy|254|||image-policy one reset||||exec
Mount,Service,Socket,Swap|MountImages|247|||mount-images many reset||||exec
Mount,Service,Socket,Swap|NUMAMask|243||el8|numa-mask many reset;numa-set \
many reset@261||||exec
Mount,Service,Socket,Swap|NUMAPolicy|243||el8|enum:numa-policy one reset||||\
exec
Mount,Service,Socket,Swap|NetworkNamespacePath|242|||path one reset||||exec
Mount,Service,Socket,Swap|Nice|239|||nice one reset||||exec
Mount,Service,Socket,Swap|NoExecPaths|248|||namespace-paths many reset||||exec
Mount,Service,Socket,Swap|NoNewPrivileges|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|OOMScoreAdjust|239|||oom-score one reset||||exec
Mount,Service,Socket,Swap|PAMName|239|||string one reset|||PAM|exec
Mount,Service,Socket,Swap|PassEnvironment|239|||environment-names many reset||\
||exec
Mount,Service,Socket,Swap|Personality|239|||personality one reset||||exec
Mount,Service,Socket,Swap|PrivateBPF|258|||enum:private-bpf one keep||||exec
Mount,Service,Socket,Swap|PrivateDevices|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|PrivateIPC|248|||boolean one keep||||exec
Mount,Service,Socket,Swap|PrivateMounts|239|||boolean one keep;boolean one \
reset@254||||exec
Mount,Service,Socket,Swap|PrivateNetwork|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|PrivatePIDs|257|||enum:private-pids one keep||||exec
Mount,Service,Socket,Swap|PrivateTmp|239|||boolean one keep;enum:private-tmp \
one keep@257||||exec
Mount,Service,Socket,Swap|PrivateUsers|239|||boolean one keep;\
enum:private-users one keep@257||||exec
Mount,Service,Socket,Swap|ProcSubset|247|||enum:proc-subset one keep||||exec
Mount,Service,Socket,Swap|ProtectClock|245|||boolean one keep||||exec
Mount,Service,Socket,Swap|ProtectControlGroups|239|||boolean one keep;\
enum:protect-control-groups one keep@257||||exec
Mount,Service,Socket,Swap|ProtectHome|239|||enum:protect-home one keep||||exec
Mount,Service,Socket,Swap|ProtectHostname|242|||boolean one keep;\
protect-hostname one reset@258||||exec
Mount,Service,Socket,Swap|ProtectKernelLogs|244|||boolean one keep||||exec
Mount,Service,Socket,Swap|ProtectKernelModules|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|ProtectKernelTunables|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|ProtectProc|247|||enum:protect-proc one keep||||exec
Mount,Service,Socket,Swap|ProtectSystem|239|||enum:protect-system one keep||||\
exec
Mount,Service,Socket,Swap|ReadOnlyDirectories|239|||namespace-paths many \
reset|0|ReadOnlyPaths||exec
Mount,Service,Socket,Swap|ReadOnlyPaths|239|||namespace-paths many reset||||\
exec
Mount,Service,Socket,Swap|ReadWriteDirectories|239|||namespace-paths many \
reset|0|ReadWritePaths||exec
Mount,Service,Socket,Swap|ReadWritePaths|239|||namespace-paths many reset||||\
exec
Mount,Service,Socket,Swap|RemoveIPC|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|RestrictAddressFamilies|239|||address-families many \
reset|||SECCOMP|exec
Mount,Service,Socket,Swap|RestrictFileSystems|250|||filesystems many reset|||\
BPF_FRAMEWORK|exec
Mount,Service,Socket,Swap|RestrictNamespaces|239|||namespaces many reset|||\
SECCOMP|exec
Mount,Service,Socket,Swap|RestrictRealtime|239|||boolean one keep|||SECCOMP|\
exec
Mount,Service,Socket,Swap|RestrictSUIDSGID|242||el8|boolean one keep|||\
SECCOMP|exec
Mount,Service,Socket,Swap|RootDirectory|239|||path-fatal one reset||||exec
Mount,Service,Socket,Swap|RootEphemeral|254|||boolean one keep||||exec
Mount,Service,Socket,Swap|RootHashSignature|246|||root-hash-signature one \
reset||||exec
Mount,Service,Socket,Swap|RootHash|246|||root-hash one reset||||exec
Mount,Service,Socket,Swap|RootImageOptions|247|||image-options many reset||||\
exec
Mount,Service,Socket,Swap|RootImagePolicy|254|||image-policy one reset||||exec
Mount,Service,Socket,Swap|RootImage|239|||path-fatal one reset||||exec
Mount,Service,Socket,Swap|RootMStack|260|||path one reset||||exec
Mount,Service,Socket,Swap|RootVerity|246|||path-fatal one reset||||exec
Mount,Service,Socket,Swap|RuntimeDirectoryMode|239|||mode one keep||||exec
Mount,Service,Socket,Swap|RuntimeDirectoryPreserve|239|||enum:preserve-mode \
one keep||||exec
Mount,Service,Socket,Swap|RuntimeDirectory|239|||directories many reset||||exec
Mount,Service,Socket,Swap|SELinuxContext|239|||label one reset|||SELINUX|exec
Mount,Service,Socket,Swap|SecureBits|239|||secure-bits one value||||exec
Mount,Service,Socket,Swap|SetCredentialEncrypted|250|||set-credential many \
reset||||exec
Mount,Service,Socket,Swap|SetCredential|247|||set-credential many reset||||exec
Mount,Service,Socket,Swap|SetLoginEnvironment|255|||boolean one reset||||exec
Mount,Service,Socket,Swap|SmackProcessLabel|239|||label one reset|||SMACK|exec
Mount,Service,Socket,Swap|StandardError|239|||standard-output one keep||||exec
Mount,Service,Socket,Swap|StandardInputData|239|||base64 many reset||||exec
Mount,Service,Socket,Swap|StandardInputText|239|||text many reset||||exec
Mount,Service,Socket,Swap|StandardInput|239|||standard-input one keep||||exec
Mount,Service,Socket,Swap|StandardOutput|239|||standard-output one keep||||exec
Mount,Service,Socket,Swap|StateDirectoryAccounting|258|||boolean one keep||||\
exec
Mount,Service,Socket,Swap|StateDirectoryMode|239|||mode one keep||||exec
Mount,Service,Socket,Swap|StateDirectoryQuota|258|||quota one reset||||exec
Mount,Service,Socket,Swap|StateDirectory|239|||directories many reset||||exec
Mount,Service,Socket,Swap|SupplementaryGroups|239|||users many reset||||exec
Mount,Service,Socket,Swap|SyslogFacility|239|||enum:log-facility one keep||||\
exec
Mount,Service,Socket,Swap|SyslogIdentifier|239|||string one reset||||exec
Mount,Service,Socket,Swap|SyslogLevelPrefix|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|SyslogLevel|239|||log-level one keep||||exec
Mount,Service,Socket,Swap|SystemCallArchitectures|239|||architectures many \
reset|||SECCOMP|exec
Mount,Service,Socket,Swap|SystemCallErrorNumber|239|||errno one reset|||\
SECCOMP|exec
Mount,Service,Socket,Swap|SystemCallFilter|239|||syscalls many reset|||\
SECCOMP|exec
Mount,Service,Socket,Swap|SystemCallLog|247|||syscalls many reset|||SECCOMP|\
exec
Mount,Service,Socket,Swap|TTYColumns|250|||unsigned one reset||||exec
Mount,Service,Socket,Swap|TTYPath|239|||path one reset||||exec
Mount,Service,Socket,Swap|TTYReset|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|TTYRows|250|||unsigned one reset||||exec
Mount,Service,Socket,Swap|TTYVHangup|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|TTYVTDisallocate|239|||boolean one keep||||exec
Mount,Service,Socket,Swap|TemporaryFileSystem|239|||temporary-filesystems \
many reset||||exec
Mount,Service,Socket,Swap|TimeoutCleanSec|243|||time-span one keep||||exec
Mount,Service,Socket,Swap|TimerSlackNSec|239|||time-span-ns one keep||||exec
Mount,Service,Socket,Swap|UMask|239|||mode one keep||||exec
Mount,Service,Socket,Swap|UnsetEnvironment|239|||environment-unset many reset|\
|||exec
Mount,Service,Socket,Swap|UserNamespacePath|259|||path one reset||||exec
Mount,Service,Socket,Swap|User|239|||user one reset||||exec
Mount,Service,Socket,Swap|UtmpIdentifier|239|||string one reset||||exec
Mount,Service,Socket,Swap|UtmpMode|239|||enum:utmp-mode one keep||||exec
Mount,Service,Socket,Swap|WorkingDirectory|239|||working-directory one reset||\
||exec
Mount|DirectoryMode|239|||mode one keep||||mount
Mount|ForceUnmount|239|||boolean one keep||||mount
Mount|LazyUnmount|239|||boolean one keep||||mount
Mount|Options|239|||string one reset||||mount
Mount|ReadWriteOnly|246|||boolean one keep||||mount
Mount|SloppyOptions|239|||boolean one keep||||mount
Mount|TimeoutSec|239|||time-span one keep||||mount
Mount|Type|239|||string one reset||||mount
Mount|What|239|||string one reset||||mount
Mount|Where|239|||path one reset||||mount
Path|DirectoryMode|239|||mode one keep||||path
Path|DirectoryNotEmpty|239|||path-each many reset||||path
Path|MakeDirectory|239|||boolean one keep||||path
Path|PathChanged|239|||path-each many reset||||path
Path|PathExistsGlob|239|||path-each many reset||||path
Path|PathExists|239|||path-each many reset||||path
Path|PathModified|239|||path-each many reset||||path
Path|TriggerLimitBurst|250|||unsigned one keep||||path
Path|TriggerLimitIntervalSec|250|||time-span one keep||||path
Path|Unit|239|||unit-name one keep||||path
Scope|OOMPolicy|252||el9|enum:oom-policy one keep||||scope
Scope|RuntimeMaxSec|244|||time-span one keep||||scope
Scope|RuntimeRandomizedExtraSec|250|||time-span one keep||||scope
Scope|TimeoutStopSec|239|||time-span one keep||||scope
Service,Unit|FailureAction|239|||enum:emergency-action one keep||||unit
Service,Unit|StartLimitAction|239|||enum:emergency-action one keep||||unit
Service,Unit|StartLimitBurst|239|||unsigned one keep||||unit
Service|BusName|239|||bus-name one keep||||service
Service|BusPolicy|239|239||none one noop||||service
Service|ExecCondition|243||el8|exec many reset||||service
Service|ExecReloadPost|259|||exec many reset||||service
Service|ExecReload|239|||exec many reset||||service
Service|ExecStartPost|239|||exec many reset||||service
Service|ExecStartPre|239|||exec many reset||||service
Service|ExecStart|239|||exec many reset||||service
Service|ExecStopPost|239|||exec many reset||||service
Service|ExecStop|239|||exec many reset||||service
Service|ExitType|250|||enum:exit-type one keep||||service
Service|FileDescriptorStoreMax|239|||unsigned one keep||||service
Service|FileDescriptorStorePreserve|254|||enum:preserve-mode one keep||||\
service
Service|GuessMainPID|239|||boolean one keep||||service
Service|LUOSession|262|||fd-names many reset||||service
Service|NonBlocking|239|||boolean one keep||||service
Service|NotifyAccess|239|||enum:notify-access one keep||||service
Service|OOMPolicy|243|||enum:oom-policy one keep||||service
Service|OpenFile|253|||open-file many reset||||service
Service|PIDFile|239|||path one reset;pid-file one reset@240||||service
Service|PermissionsStartOnly|239|||boolean one keep|0|ExecStartPre=+||service
Service|RebootArgument|239|||string one reset||||unit
Service|RefreshOnReload|260|||refresh-on-reload one reset||||service
Service|ReloadSignal|253||el9|signal one keep||||service
Service|RemainAfterExit|239|||boolean one keep||||service
Service|RestartForceExitStatus|239|||exit-statuses many reset||||service
Service|RestartMaxDelaySec|254|||time-span one keep||||service
Service|RestartMode|254||el9|enum:restart-mode one keep||||service
Service|RestartPreventExitStatus|239|||exit-statuses many reset||||service
Service|RestartRandomizedDelaySec|262|||time-span-finite one keep||||service
Service|RestartSec|239|||time-span one keep||||service
Service|RestartSteps|254|||unsigned one keep||||service
Service|Restart|239|||restart one keep||||service
Service|RootDirectoryStartOnly|239|||boolean one keep||||service
Service|RuntimeMaxSec|239|||time-span one keep||||service
Service|RuntimeRandomizedExtraSec|250|||time-span one keep||||service
Service|Sockets|239|||socket-units many noop||||service
Service|StartLimitInterval|239|||time-span one keep|0|StartLimitIntervalSec= \
in [Unit]||unit
Service|SuccessExitStatus|239|||exit-statuses many reset||||service
Service|SysVStartPriority|239|239||none one noop||||service
Service|TimeoutAbortSec|243|||time-span one reset||||service
Service|TimeoutSec|239|||time-span one keep||||service
Service|TimeoutStartFailureMode|246|||enum:timeout-failure one keep||||service
Service|TimeoutStartSec|239|||time-span one keep||||service
Service|TimeoutStopFailureMode|246|||enum:timeout-failure one keep||||service
Service|TimeoutStopSec|239|||time-span one keep||||service
Service|Type|239|||enum:service-type one keep||||service
Service|USBFunctionDescriptors|239|||path one reset||||service
Service|USBFunctionStrings|239|||path one reset||||service
Service|WatchdogSec|239|||time-span one keep||||service
Slice|ActivatingConcurrencyMax|262|||concurrency one reset||||resource-control
Slice|ConcurrencyHardMax|258|||concurrency one reset||||resource-control
Slice|ConcurrencySoftMax|258|||concurrency one reset||||resource-control
Socket|AcceptFileDescriptors|258|||boolean one keep||||socket
Socket|Accept|239|||boolean one keep||||socket
Socket|Backlog|239|||unsigned one keep||||socket
Socket|BindIPv6Only|239|||enum:bind-ipv6-only one keep||||socket
Socket|BindToDevice|239|||interface one reset||||socket
Socket|Broadcast|239|||boolean one keep||||socket
Socket|DeferAcceptSec|239|||time-span one keep||||socket
Socket|DeferTriggerMaxSec|258|||time-span one keep||||socket
Socket|DeferTrigger|258|||enum:defer-trigger one keep||||socket
Socket|DirectoryMode|239|||mode one keep||||socket
Socket|ExecStartPost|239|||exec many reset||||socket
Socket|ExecStartPre|239|||exec many reset||||socket
Socket|ExecStopPost|239|||exec many reset||||socket
Socket|ExecStopPre|239|||exec many reset||||socket
Socket|FileDescriptorName|239|||fd-name one reset||||socket
Socket|FlushPending|247||el8|boolean one keep||||socket
Socket|FreeBind|239|||boolean one keep||||socket
Socket|IPTOS|239|||ip-tos one reset||||socket
Socket|IPTTL|239|||integer one keep||||socket
Socket|KeepAliveIntervalSec|239|||time-span one keep||||socket
Socket|KeepAliveProbes|239|||unsigned one keep||||socket
Socket|KeepAliveTimeSec|239|||time-span one keep||||socket
Socket|KeepAlive|239|||boolean one keep||||socket
Socket|ListenDatagram|239|||listen many reset||||socket
Socket|ListenFIFO|239|||listen-path many reset||||socket
Socket|ListenMessageQueue|239|||listen-path many reset||||socket
Socket|ListenNetlink|239|||listen-netlink many reset||||socket
Socket|ListenSequentialPacket|239|||listen many reset||||socket
Socket|ListenSpecial|239|||listen-path many reset||||socket
Socket|ListenStream|239|||listen many reset||||socket
Socket|ListenUSBFunction|239|||listen-path many reset||||socket
Socket|Mark|239|||integer one keep||||socket
Socket|MaxConnectionsPerSource|239|||unsigned one keep||||socket
Socket|MaxConnections|239|||unsigned one keep||||socket
Socket|MessageQueueMaxMessages|239|||long one keep||||socket
Socket|MessageQueueMessageSize|239|||long one keep;size-long one keep@261||||\
socket
Socket|NoDelay|239|||boolean one keep||||socket
Socket|PassCredentials|239|||boolean one keep||||socket
Socket|PassFileDescriptorsToExec|256|||boolean one keep||||socket
Socket|PassPIDFD|258|||boolean one keep||||socket
Socket|PassPacketInfo|246||el8|boolean one keep||||socket
Socket|PassSecurity|239|||boolean one keep||||socket
Socket|PipeSize|239|||size one keep||||socket
Socket|PollLimitBurst|255|||unsigned one keep||||socket
Socket|PollLimitIntervalSec|255|||time-span one keep||||socket
Socket|Priority|239|||integer one keep||||socket
Socket|ReceiveBuffer|239|||size one keep||||socket
Socket|RemoveOnStop|239|||boolean one keep||||socket
Socket|ReusePort|239|||boolean one keep||||socket
Socket|SELinuxContextFromNet|239|||boolean one keep|||SELINUX|socket
Socket|SendBuffer|239|||size one keep||||socket
Socket|Service|239|||service-unit one keep||||socket
Socket|SmackLabelIPIn|239|||string one reset|||SMACK|socket
Socket|SmackLabelIPOut|239|||string one reset|||SMACK|socket
Socket|SmackLabel|239|||string one reset|||SMACK|socket
Socket|SocketGroup|239|||user one reset||||socket
Socket|SocketMode|239|||mode one keep||||socket
Socket|SocketProtocol|239|||enum:socket-protocol one keep||||socket
Socket|SocketUser|239|||user one reset||||socket
Socket|Symlinks|239|||paths many reset||||socket
Socket|TCPCongestion|239|||plain-string one reset||||socket
Socket|TimeoutSec|239|||time-span one keep||||socket
Socket|Timestamping|247|||enum:timestamping one keep||||socket
Socket|Transparent|239|||boolean one keep||||socket
Socket|TriggerLimitBurst|239|||unsigned one keep||||socket
Socket|TriggerLimitIntervalSec|239|||time-span one keep||||socket
Socket|Writable|239|||boolean one keep||||socket
Socket|XAttrAccept|262|||xattr many reset||||socket
Socket|XAttrEntryPoint|262|||xattr many reset||||socket
Socket|XAttrListen|262|||xattr many reset||||socket
Swap|Options|239|||string one reset||||swap
Swap|Priority|239|||integer one keep;swap-priority one reset@245||||swap
Swap|TimeoutSec|239|||time-span one keep||||swap
Swap|What|239|||path one reset;string one reset@256||||swap
Timer|AccuracySec|239|||time-span one keep||||timer
Timer|DeferReactivation|257|||boolean one keep||||timer
Timer|FixedRandomDelay|247|||boolean one keep||||timer
Timer|OnActiveSec|239|||timer-span many reset||||timer
Timer|OnBootSec|239|||timer-span many reset||||timer
Timer|OnCalendar|239|||calendar many reset||||timer
Timer|OnClockChange|242|||boolean one keep||||timer
Timer|OnStartupSec|239|||timer-span many reset||||timer
Timer|OnTimezoneChange|242|||boolean one keep||||timer
Timer|OnUnitActiveSec|239|||timer-span many reset||||timer
Timer|OnUnitInactiveSec|239|||timer-span many reset||||timer
Timer|Persistent|239|||boolean one keep||||timer
Timer|RandomizedDelaySec|239|||time-span one keep||||timer
Timer|RandomizedOffsetSec|258|||time-span one keep||||timer
Timer|RemainAfterElapse|239|||boolean one keep||||timer
Timer|Unit|239|||unit-name one keep||||timer
Timer|WakeSystem|239|||boolean one keep||||timer
Unit|After|239|||unit-names many noop||||unit
Unit|AllowIsolate|239|||boolean one keep||||unit
Unit|AssertACPower|239|||condition many reset||||unit
Unit|AssertArchitecture|239|||condition many reset||||unit
Unit|AssertCPUFeature|251|||condition many reset||||unit
Unit|AssertCPUPressure|250|||condition many reset||||unit
Unit|AssertCPUs|246|||condition many reset||||unit
Unit|AssertCapability|239|||condition many reset||||unit
Unit|AssertControlGroupController|239|||condition many reset||||unit
Unit|AssertCredential|252|||condition many reset||||unit
Unit|AssertDirectoryNotEmpty|239|||condition-path many reset||||unit
Unit|AssertEnvironment|246|||condition many reset||||unit
Unit|AssertFileIsExecutable|239|||condition-path many reset||||unit
Unit|AssertFileNotEmpty|239|||condition-path many reset||||unit
Unit|AssertFirstBoot|239|||condition many reset||||unit
Unit|AssertFraction|261|||condition many reset||||unit
Unit|AssertGroup|239|||condition many reset||||unit
Unit|AssertHost|239|||condition many reset||||unit
Unit|AssertIOPressure|250|||condition many reset||||unit
Unit|AssertKernelCommandLine|239|||condition many reset||||unit
Unit|AssertKernelModuleLoaded|258|||condition many reset||||unit
Unit|AssertKernelVersion|239|||condition many reset||||unit
Unit|AssertMachineTag|261|||condition many reset||||unit
Unit|AssertMemoryPressure|250|||condition many reset||||unit
Unit|AssertMemory|246|||condition many reset||||unit
Unit|AssertNeedsUpdate|239|||condition-path many reset||||unit
Unit|AssertNull|239|247||condition-boolean many reset||||unit
Unit|AssertOSRelease|249|||condition many reset||||unit
Unit|AssertPathExistsGlob|239|||condition-path many reset||||unit
Unit|AssertPathExists|239|||condition-path many reset||||unit
Unit|AssertPathIsDirectory|239|||condition-path many reset||||unit
Unit|AssertPathIsEncrypted|246|||condition-path many reset||||unit
Unit|AssertPathIsMountPoint|239|||condition-path many reset||||unit
Unit|AssertPathIsReadWrite|239|||condition-path many reset||||unit
Unit|AssertPathIsSocket|260|||condition-path many reset||||unit
Unit|AssertPathIsSymbolicLink|239|||condition-path many reset||||unit
Unit|AssertSecurity|239|||condition many reset||||unit
Unit|AssertUser|239|||condition many reset||||unit
Unit|AssertVersion|258|||condition many reset||||unit
Unit|AssertVirtualization|239|||condition many reset||||unit
Unit|Before|239|||unit-names many noop||||unit
Unit|BindTo|239|||unit-names many noop|0|BindsTo||unit
Unit|BindsTo|239|||unit-names many noop||||unit
Unit|CollectMode|239|||enum:collect-mode one keep||||unit
Unit|ConditionACPower|239|||condition many reset||||unit
Unit|ConditionArchitecture|239|||condition many reset||||unit
Unit|ConditionCPUFeature|251|||condition many reset||||unit
Unit|ConditionCPUPressure|250|||condition many reset||||unit
Unit|ConditionCPUs|246|||condition many reset||||unit
Unit|ConditionCapability|239|||condition many reset||||unit
Unit|ConditionControlGroupController|239|||condition many reset||||unit
Unit|ConditionCredential|252|||condition many reset||||unit
Unit|ConditionDirectoryNotEmpty|239|||condition-path many reset||||unit
Unit|ConditionEnvironment|246|||condition many reset||||unit
Unit|ConditionFileIsExecutable|239|||condition-path many reset||||unit
Unit|ConditionFileNotEmpty|239|||condition-path many reset||||unit
Unit|ConditionFirmware|249|||condition many reset||||unit
Unit|ConditionFirstBoot|239|||condition many reset||||unit
Unit|ConditionFraction|261|||condition many reset||||unit
Unit|ConditionGroup|239|||condition many reset||||unit
Unit|ConditionHost|239|||condition many reset||||unit
Unit|ConditionIOPressure|250|||condition many reset||||unit
Unit|ConditionKernelCommandLine|239|||condition many reset||||unit
Unit|ConditionKernelModuleLoaded|258|||condition many reset||||unit
Unit|ConditionKernelVersion|239|||condition many reset||||unit
Unit|ConditionMachineTag|261|||condition many reset||||unit
Unit|ConditionMemoryPressure|250|||condition many reset||||unit
Unit|ConditionMemory|246|||condition many reset||||unit
Unit|ConditionNeedsUpdate|239|||condition-path many reset||||unit
Unit|ConditionNull|239|247||condition-boolean many reset||||unit
Unit|ConditionOSRelease|249|||condition many reset||||unit
Unit|ConditionPathExistsGlob|239|||condition-path many reset||||unit
Unit|ConditionPathExists|239|||condition-path many reset||||unit
Unit|ConditionPathIsDirectory|239|||condition-path many reset||||unit
Unit|ConditionPathIsEncrypted|246|||condition-path many reset||||unit
Unit|ConditionPathIsMountPoint|239|||condition-path many reset||||unit
Unit|ConditionPathIsReadWrite|239|||condition-path many reset||||unit
Unit|ConditionPathIsSocket|260|||condition-path many reset||||unit
Unit|ConditionPathIsSymbolicLink|239|||condition-path many reset||||unit
Unit|ConditionSecurity|239|||condition many reset||||unit
Unit|ConditionUser|239|||condition many reset||||unit
Unit|ConditionVersion|258|||condition many reset||||unit
Unit|ConditionVirtualization|239|||condition many reset||||unit
Unit|Conflicts|239|||unit-names many noop||||unit
Unit|DefaultDependencies|239|||boolean one keep||||unit
Unit|Description|239|||string one reset||||unit
Unit|Documentation|239|||documentation many reset||||unit
Unit|FailureActionExitStatus|240|||exit-status-code one reset||||unit
Unit|IgnoreOnIsolate|239|||boolean one keep||||unit
Unit|IgnoreOnSnapshot|239|239||none one noop||||unit
Unit|JobRunningTimeoutSec|239|||time-span one keep||||unit
Unit|JobTimeoutAction|239|||enum:emergency-action one keep||||unit
Unit|JobTimeoutRebootArgument|239|||string one reset;reboot-parameter one \
reset@252||||unit
Unit|JobTimeoutSec|239|||time-span one keep||||unit
Unit|JoinsNamespaceOf|239|||unit-names many noop||||unit
Unit|OnFailureIsolate|239|||boolean one keep|0|OnFailureJobMode||unit
Unit|OnFailureJobMode|239|||enum:job-mode one keep||||unit
Unit|OnFailure|239|||unit-names many noop||||unit
Unit|OnSuccessJobMode|249|||enum:job-mode one keep||||unit
Unit|OnSuccess|249|||unit-names many noop||||unit
Unit|PartOf|239|||unit-names many noop||||unit
Unit|PropagateReloadFrom|239|||unit-names many noop|0|ReloadPropagatedFrom||\
unit
Unit|PropagateReloadTo|239|||unit-names many noop|0|PropagatesReloadTo||unit
Unit|PropagatesReloadTo|239|||unit-names many noop||||unit
Unit|PropagatesStopTo|249|||unit-names many noop||||unit
Unit|RebootArgument|239|||string one reset;reboot-parameter one reset@252||||\
unit
Unit|RefuseManualStart|239|||boolean one keep||||unit
Unit|RefuseManualStop|239|||boolean one keep||||unit
Unit|ReloadPropagatedFrom|239|||unit-names many noop||||unit
Unit|RequiresMountsFor|239|||paths many noop||||unit
Unit|RequiresOverridable|239|||unit-names many noop|0|Requires||unit
Unit|Requires|239|||unit-names many noop||||unit
Unit|RequisiteOverridable|239|||unit-names many noop|0|Requisite||unit
Unit|Requisite|239|||unit-names many noop||||unit
Unit|SourcePath|239|||path one reset||||unit
Unit|StartLimitIntervalSec|239|||time-span one keep||||unit
Unit|StartLimitInterval|239|||time-span one keep|0|StartLimitIntervalSec||unit
Unit|StopPropagatedFrom|249|||unit-names many noop||||unit
Unit|StopWhenUnneeded|239|||boolean one keep||||unit
Unit|SuccessActionExitStatus|240|||exit-status-code one reset||||unit
Unit|SuccessAction|239|||enum:emergency-action one keep||||unit
Unit|SurviveFinalKillSignal|255|||boolean one keep||||unit
Unit|Upholds|249|||unit-names many noop||||unit
Unit|WantsMountsFor|256|||paths many noop||||unit
Unit|Wants|239|||unit-names many noop||||unit
"""
