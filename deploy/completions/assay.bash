# SPDX-License-Identifier: Apache-2.0
# bash completion for assay(1). Commands and options come from the program's own help; names and numbers from the farm,
# when it answers at once.

_assay_ask() { timeout 1 assay "$@" 2>/dev/null; }

_assay_command() {
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--url | --token-file | --state-dir | --ca-file) ((i++)) ;;
		-*) ;;
		*) echo "${COMP_WORDS[i]}" && return ;;
		esac
	done
}

_assay() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command choices=''
	command=$(_assay_command)
	case $before in
	--format | -f) choices='text json junit html idt-device idt-frq' ;;
	--state | -s) choices='queued running finished' ;;
	--role | -r) choices='viewer member admin agent' ;;
	--token-file | --ca-file | --output | -o | --put | --key | -k)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--state-dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
		;;
	esac
	if [[ -n $choices ]]; then
		:
	elif [[ $word == -* ]]; then
		choices=$(assay help ${command:+"$command"} 2>/dev/null | sed -n 's/^  \(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p')
		[[ -n $command ]] || choices='--url --token-file --state-dir --ca-file --json --no-color --help --version'
	elif [[ -z $command ]]; then
		choices=$(assay --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
	else
		case $command in
		submit)
			mapfile -t COMPREPLY < <(compgen -f -X '!*.@(yaml|yml|json)' -- "$word"; compgen -d -- "$word")
			return
			;;
		watch)
			case $before in
			watch) choices='farm board job run' ;;
			board) choices=$(_assay_ask boards --no-color | sed -n '2,$s/ .*//p') ;;
			job) choices=$(_assay_ask jobs --no-color | sed -n '2,$s/^ *\([0-9]*\) .*/\1/p') ;;
			esac
			;;
		verify)
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return
			;;
		job | cancel | report | seal) choices=$(_assay_ask jobs --no-color | sed -n '2,$s/^ *\([0-9]*\) .*/\1/p') ;;
		boards | console) choices=$(_assay_ask boards --no-color | sed -n '2,$s/ .*//p') ;;
		suites) choices=$(_assay_ask suites --no-color | sed -n '2,$s/ .*//p') ;;
		lease)
			case $before in
			lease) choices="list extend hand-over end attach $(_assay_ask boards --no-color | sed -n '2,$s/ .*//p')" ;;
			extend | hand-over | end | attach) choices=$(_assay_ask lease list --no-color | sed -n '2,$s/^ *\([0-9]*\) .*/\1/p') ;;
			esac
			;;
		gdb) choices=$(_assay_ask lease list --no-color | sed -n '2,$s/^ *\([0-9]*\) .*/\1/p') ;;
		tokens) [[ $before != tokens ]] || choices='add remove' ;;
		waiver) [[ $before != waiver ]] || choices='list add withdraw' ;;
		baseline)
			case $before in
			baseline) choices='list accept' ;;
			accept) choices=$(_assay_ask jobs --no-color | sed -n '2,$s/^ *\([0-9]*\) .*/\1/p') ;;
			esac
			;;
		help) choices=$(assay --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p') ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}

complete -F _assay assay
