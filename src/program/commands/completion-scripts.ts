// The scripts that make a shell ask `veracity completion SHELL -- WORDS…` for what may stand at the cursor. The answer has one
// candidate a line, with what it is after a tab; or the one line `:files` or `:folders`, for which the shell completes a
// path itself.

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

// Bash splits words at characters such as = and :, and replaces only what follows the last of them. So the words are taken
// from the line, and the part of a candidate that stands already is cut off.
const bash = String.raw`# Completion of veracity for bash. In ~/.bashrc: eval "$(veracity completion bash)"
_veracity() {
  local line="${'$'}{COMP_LINE:0:COMP_POINT}" words current answer text kept='' i char
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current="${'$'}{words[${'$'}{#words[@]}-1]}"
  answer="$("${'$'}{words[0]}" completion bash -- "${'$'}{words[@]:1}" 2>/dev/null)" || return 0
  for ((i = 0; i < ${'$'}{#current}; i++)); do
    char="${'$'}{current:i:1}"
    [[ $char == [=:@] && $COMP_WORDBREAKS == *"$char"* ]] && kept="${'$'}{current:0:i+1}"
  done
  COMPREPLY=()
  if [[ $answer == :files || $answer == :folders ]]; then
    local kind=-f
    [[ $answer == :folders ]] && kind=-d
    compopt -o filenames 2>/dev/null
    text="${'$'}{current#"$kept"}"
    while IFS= read -r line; do [[ $line ]] && COMPREPLY+=("$line"); done < <(compgen $kind -- "$text")
    return 0
  fi
  while IFS=$'\t' read -r text _; do
    [[ $text ]] || continue
    [[ $text == *[=.] ]] && compopt -o nospace 2>/dev/null
    COMPREPLY+=("${'$'}{text#"$kept"}")
  done <<<"$answer"
}
complete -F _veracity veracity
`;

const zsh = String.raw`#compdef veracity
# Completion of veracity for zsh. In ~/.zshrc, after compinit: eval "$(veracity completion zsh)"
_veracity() {
  local line text
  local -a answer open closed
  answer=("${'$'}{(@f)$("${'$'}{words[1]}" completion zsh -- "${'$'}{(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  if [[ $answer[1] == :files || $answer[1] == :folders ]]; then
    compset -P '*='
    if [[ $answer[1] == :folders ]]; then _files -/; else _files; fi
    return
  fi
  for line in "${'$'}{answer[@]}"; do
    text="${'$'}{line%%$'\t'*}"
    [[ -n $text ]] || continue
    if [[ $text == *[=.] ]]; then open+=("$text"); else closed+=("$text"); fi
  done
  (( ${'$'}{#open} )) && compadd -S '' -- "${'$'}{open[@]}"
  (( ${'$'}{#closed} )) && compadd -- "${'$'}{closed[@]}"
}
if [[ ${'$'}{funcstack[1]} == _veracity ]]; then _veracity "$@"; else compdef _veracity veracity; fi
`;

const fish = String.raw`# Completion of veracity for fish. In ~/.config/fish/config.fish: veracity completion fish | source
function __veracity_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer ($words[1] completion fish -- $words[2..-1] "$current" 2>/dev/null)
    if test "$answer[1]" = :files -o "$answer[1]" = :folders
        set -l kept (string match -r '^[^=]*=' -- "$current")
        set -l path (string replace -r '^[^=]*=' '' -- "$current")
        set -l found $path*
        for file in $found
            if test -d "$file"
                echo "$kept$file/"
            else if test "$answer[1]" = :files
                echo "$kept$file"
            end
        end
        return
    end
    string join \n -- $answer
end
complete -c veracity -f -a '(__veracity_complete)'
`;

export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
