# SPDX-License-Identifier: Apache-2.0
# What the agent asks of OpenOCD, each as one call, so that a step is one exchange.

# Runs a script and answers "@CODE LENGTH\nRESULT" with what was logged meanwhile behind it.
proc assay_call {script} {
	set ::assay_result {}
	set log [capture {set ::assay_code [catch {uplevel #0 $script} ::assay_result]}]
	if {$log eq $::assay_code} {set log {}}
	return "@$::assay_code [string bytelength $::assay_result]\n$::assay_result$log"
}

proc assay_setup {name} {
	if {$name eq ""} {set name [target current]}
	targets $name
	set ::assay_target $name
	poll off
	tcl_notifications on
	return $name
}

# Whether a reset by AIRCR alone is what this target's own files would do: no reset line, no handler of their own.
proc assay_plain_reset {} {
	set t $::assay_target
	if {[$t cget -type] ne "cortex_m"} {return 0}
	if {[string trim [$t cget -event reset-assert]] ne ""} {return 0}
	if {[string match {*vectreset*} [cortex_m reset_config]]} {return 0}
	return [expr {![string match {*srst_only*} [reset_config]] && ![string match {*trst_and_srst*} [reset_config]]}]
}

# Resets the core and catches it before its first instruction, without the fixed sleeps of "reset halt". It counts
# only when the reset was seen (S_RESET_ST) and the core then stopped. A core that runs is not halted before: at each
# halt OpenOCD reads all registers.
proc assay_quick_reset {} {
	set t $::assay_target
	set seen 0
	$t mww 0xE000EDF0 [expr {[$t read_memory 0xE000EDF0 32 1] & 2 | 0xA05F0001}]
	catch {$t arp_poll}
	catch {$t arp_poll}
	$t mww 0xE000EDFC 0x01000001
	catch {$t mww 0xE000ED0C 0x05FA0004}
	for {set i 0} {$i < 100} {incr i} {
		catch {$t arp_poll}
		set state [$t curstate]
		if {$state eq "reset"} {set seen 1}
		if {$seen && $state eq "halted"} {break}
		if {$i > 5} {sleep 1}
	}
	$t mww 0xE000EDFC 0x01000000
	return [expr {$seen && $state eq "halted"}]
}

proc assay_reset_halt {} {
	if {[assay_plain_reset] && [assay_quick_reset]} {return "reset by SYSRESETREQ, stopped at the vector"}
	reset halt
	return "reset halt"
}

# Stops the core where it is, without OpenOCD reading all its registers. One that is locked up wants a reset.
proc assay_stop {} {
	set t $::assay_target
	$t mww 0xE000EDF0 0xA05F0003
	if {([$t read_memory 0xE000EDF0 32 1] & 0xA0000) != 0x20000} {return [assay_reset_halt]}
	return "stopped"
}

# The board may have been without power since the last time: the debug port is brought up anew. at_vector: the core is
# to stand before its first instruction; else anywhere.
proc assay_attach {at_vector} {
	poll off
	dap init
	$::assay_target arp_examine
	if {$at_vector} {return [assay_reset_halt]}
	return [assay_stop]
}

# Aborts whatever hangs in the debug port, takes its power domains down, and brings it up anew.
proc assay_line_reset {} {
	set dap [$::assay_target cget -dap]
	poll off
	catch {$dap dpreg 0 0x1f}
	catch {$dap dpreg 4 0}
	dap init
	return "the debug port was aborted and brought up anew"
}

# Runs a script with the reset line taken for there, whatever the target's own files say of it.
proc assay_with_line {config script} {
	set before [string trim [reset_config]]
	reset_config {*}$config
	set code [catch {uplevel 1 $script} result]
	catch {adapter deassert srst}
	reset_config {*}$before
	return -code $code $result
}

# Whether the core says that it was reset since it was last asked.
proc assay_reset_seen {} {
	for {set i 0} {$i < 200} {incr i} {
		if {![catch {$::assay_target read_memory 0xE000EDF0 32 1} dhcsr] && ($dhcsr & 0x2000000)} {return 1}
		sleep 1
	}
	return 0
}

# Resets the chip, by its line when there is one, and sees that it was.
proc assay_target_reset {line} {
	set t $::assay_target
	poll off
	catch {dap init}
	catch {$t arp_examine}
	catch {$t read_memory 0xE000EDF0 32 1}
	if {$line} {
		assay_with_line {srst_only srst_nogate} {
			adapter assert srst
			sleep 20
			adapter deassert srst
			sleep 20
		}
	} else {
		catch {$t mww 0xE000ED0C 0x05FA0004}
	}
	dap init
	$t arp_examine
	if {![assay_reset_seen]} {error "the reset was not seen"}
	if {$line} {return "reset by its line"}
	return "reset by SYSRESETREQ"
}

# init, while the reset line is held from the first contact on: firmware that shuts the port, or sleeps, does not get to
# run. assay_under_reset lets it go.
proc assay_init_under_reset {} {
	set ::assay_reset_config [string trim [reset_config]]
	reset_config srst_only srst_nogate connect_assert_srst
	init
}

# Lets the reset line go that init holds, and catches the core at its vector.
proc assay_under_reset {} {
	set t $::assay_target
	poll off
	set code [catch {
		$t mww 0xE000EDF0 0xA05F0001
		$t mww 0xE000EDFC 0x01000001
		adapter deassert srst
		for {set i 0} {$i < 200} {incr i} {
			if {![catch {$t read_memory 0xE000EDF0 32 1} dhcsr] && ($dhcsr & 0x20000)} {break}
			sleep 1
		}
		catch {$t mww 0xE000EDFC 0x01000000}
		if {$i == 200} {error "the core was not caught at its vector"}
	} result]
	catch {adapter deassert srst}
	reset_config {*}$::assay_reset_config
	if {$code} {error $result}
	return "contact under reset, the core caught at its vector"
}

proc assay_dpidr {} {
	return [string trim [[$::assay_target cget -dap] dpreg 0]]
}

# 32-bit words at each address.
proc assay_words {addresses} {
	set words {}
	foreach address $addresses {lappend words [read_memory $address 32 1]}
	return $words
}

# erase: "erase" or nothing.
proc assay_write_flash {path erase} {
	reset init
	return [flash write_image {*}$erase $path 0 ihex]
}

# Address, size and number of the sectors of each bank of flash, those side by side and alike as one.
proc assay_sectors {} {
	set runs {}
	set end -1
	set size 0
	set banks [llength [flash list]]
	for {set bank 0} {$bank < $banks} {incr bank} {
		if {[catch {flash info $bank sectors} said]} {continue}
		if {![regexp {at (0x[0-9a-fA-F]+)} $said -> base]} {continue}
		foreach line [split $said "\n"] {
			if {![regexp {#\s*\d+: (0x[0-9a-fA-F]+) \((0x[0-9a-fA-F]+) } $line -> offset bytes]} {continue}
			set address [expr {$base + $offset}]
			if {$address == $end && $bytes == $size} {
				incr count
			} else {
				if {$size} {lappend runs $first $size $count}
				set first $address
				set size [expr {$bytes + 0}]
				set count 1
			}
			set end [expr {$address + $size}]
		}
	}
	if {$size} {lappend runs $first $size $count}
	return $runs
}

proc assay_erase_chip {command} {
	reset init
	return [eval $command]
}

# For an image that the core does not find by itself at reset.
proc assay_set_core {sp pc vectors} {
	mww 0xE000ED08 $vectors
	set_reg [list sp $sp pc $pc xPSR 0x01000000]
}

# Lets the core run, then watches it in the background.
proc assay_release {} {
	resume
	poll on
}

# The power may go, or has gone and come: the core is neither stopped nor reset.
proc assay_unwatch {} {
	poll off
	return {}
}

proc assay_watch {} {
	dap init
	$::assay_target arp_examine
	catch {$::assay_target arp_poll}
	catch {$::assay_target arp_poll}
	poll on
	return {}
}

# Lets a core that stands run from its reset on, then watches it in the background. Answers with what was seen of it
# meanwhile: whether it halted by itself, and how often it was reset again.
proc assay_reset_run {} {
	set t $::assay_target
	if {![assay_plain_reset]} {
		reset run
		poll on
		return "0 0"
	}
	set resets 0
	$t mww 0xE000EDFC 0x01000000
	catch {$t mww 0xE000ED0C 0x05FA0004}
	for {set i 0} {$i < 100} {incr i} {
		catch {$t arp_poll}
		set state [$t curstate]
		if {$state eq "reset"} {incr resets} elseif {$resets} {break}
		if {$i > 5} {sleep 1}
	}
	if {!$resets} {error "the reset was not seen"}
	poll on
	return "[expr {$state eq {halted}}] [expr {$resets - 1}]"
}

proc assay_read_or_zero {address count} {
	if {[catch {read_memory $address 32 $count} words]} {
		set words {}
		for {set i 0} {$i < $count} {incr i} {lappend words 0}
	}
	return $words
}

# From the core itself: what OpenOCD remembers may be of an earlier halt, when a poll failed just before this one.
proc assay_fresh_regs {names} {return [get_reg -force $names]}

# DHCSR as it was; PC LR SP xPSR; CFSR HFSR DFSR MMFAR BFAR; PSP; the halfword at PC; 24 words at SP, 8 at PSP.
proc assay_snapshot {} {
	set t $::assay_target
	poll off
	set words [read_memory 0xE000EDF0 32 1]
	set ::assay_dhcsr $words
	catch {$t arp_poll}
	if {[$t curstate] ne "halted"} {
		$t arp_halt
		$t arp_waitstate halted 1000
	}
	array set reg [assay_fresh_regs {pc lr sp xPSR psp}]
	lappend words $reg(pc) $reg(lr) $reg(sp) $reg(xPSR)
	foreach word [assay_read_or_zero 0xE000ED28 5] {lappend words $word}
	if {[catch {read_memory $reg(pc) 16 1} code]} {set code 0}
	lappend words $reg(psp) $code
	foreach word [assay_read_or_zero $reg(sp) 24] {lappend words $word}
	foreach word [assay_read_or_zero $reg(psp) 8] {lappend words $word}
	return $words
}

# A core register by its selector in DCRSR (Armv6-M, v7-M and v8-M manuals): also those OpenOCD has no name for.
proc assay_selected {selector} {
	mww 0xE000EDF4 $selector
	for {set i 0} {$i < 100} {incr i} {
		if {[read_memory 0xE000EDF0 32 1] & 0x10000} {return [read_memory 0xE000EDF8 32 1]}
	}
	return 0
}

# The core is halted. R0-R12 SP LR PC xPSR MSP PSP, CONTROL FAULTMASK BASEPRI PRIMASK in one word; CPUID ICSR VTOR SHCSR
# CFSR HFSR DFSR MMFAR BFAR AFSR DHCSR; then 0, or 1 with FPSCR and S0-S31.
proc assay_registers {} {
	set words {}
	array set reg [assay_fresh_regs {r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr pc xPSR}]
	foreach name {r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr pc xPSR} {lappend words $reg($name)}
	foreach selector {17 18 20} {lappend words [assay_selected $selector]}
	foreach address {0xE000ED00 0xE000ED04 0xE000ED08 0xE000ED24} {lappend words {*}[assay_read_or_zero $address 1]}
	lappend words {*}[assay_read_or_zero 0xE000ED28 6] $::assay_dhcsr
	# A core with floating point says so in MVFR0.
	if {[assay_read_or_zero 0xE000EF40 1] == 0} {return [concat $words 0]}
	lappend words 1 [assay_selected 33]
	for {set i 0} {$i < 32} {incr i} {lappend words [assay_selected [expr {64 + $i}]]}
	return $words
}

# A person's debugger takes over: it learns of halts only while the target is polled.
proc assay_hand_over {reset} {
	set said {}
	if {$reset && [catch {assay_reset_run}] && [catch {reset run} said]} {set said "not reset: $said"}
	poll on
	return $said
}

# Leaves the core stopped and the target alone: its power may go next.
proc assay_detach {} {
	poll off
	catch {$::assay_target arp_poll}
	if {[$::assay_target curstate] eq "running"} {catch {$::assay_target arp_halt}}
	return {}
}
