"""The special tokens, in id order from 0. The names follow Qwen2.5-Coder and DreamOn where those have one."""

EOS = "<|endoftext|>"  # ends a text or a middle; also DreamOn's delete, and padding
FIM_PREFIX = "<|fim_prefix|>"
FIM_MIDDLE = "<|fim_middle|>"  # the prefix and then the middle follow
FIM_SUFFIX = "<|fim_suffix|>"  # the suffix follows
MASK = "<|mask|>"  # an undecided slot
EXPAND = "<|expand|>"  # DreamOn: this slot becomes two
SEP = "<|sep|>"  # DEER: the canvas ends here, the text does not
FILE_SEP = "<|file_sep|>"  # between files of one context

ALL = [EOS, FIM_PREFIX, FIM_MIDDLE, FIM_SUFFIX, MASK, EXPAND, SEP, FILE_SEP]
ID = {token: index for index, token in enumerate(ALL)}
