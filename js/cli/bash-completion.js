// The completion script for bash, written by hand because the library's own script is unsafe: it
// passes the typed words to `eval`, so Tab after `skill-log export logs > file` would empty that
// file. It also needs the package bash-completion, and fails when it is loaded twice.

export const bashCompletion = `# bash completion for skill-log

__skill_log_complete() {
    COMPREPLY=()
    case \${COMP_WORDS[COMP_CWORD-1]} in
        *[\\<\\>]*) compopt -o default 2>/dev/null; return ;;
    esac
    local value rest
    while IFS=$'\\t' read -r value rest; do
        # The last line holds a directive for other shells.
        if [[ $value != :[0-9]* && $value == "\${COMP_WORDS[COMP_CWORD]}"* ]]; then COMPREPLY+=("$value"); fi
    done < <(skill-log complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

complete -F __skill_log_complete skill-log
`;
