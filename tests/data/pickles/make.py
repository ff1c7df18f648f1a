# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the hostile and the honest pickles of this folder: python3 make.py

Hostile ones must be refused by the unpickler without anything being run; if one is, the file `owned` appears in the
working directory. Made with Python 3.11 and numpy 2.4 on 2026-11-21; pure bytes except the three that numpy writes.
"""
import collections
import pathlib
import pickle
import struct

import numpy

here = pathlib.Path(__file__).parent
PROTO = b"\x80\x04"
COMMAND = "touch owned"


def write(name, content):
    (here / name).write_bytes(content)


def text(value):
    raw = value.encode()
    return b"\x8c" + bytes([len(raw)]) + raw if len(raw) < 256 else b"X" + struct.pack("<I", len(raw)) + raw


class Call:
    """Pickles as a call of `function`, as any attacker would write it."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


# other names: the call is never made, the name alone is refused
import builtins, os, subprocess  # noqa: E401,E402

write("os_system.pkl", pickle.dumps(Call(os.system, COMMAND), protocol=4))
write("os_system_protocol2.pkl", pickle.dumps(Call(os.system, COMMAND), protocol=2))
write("os_system_protocol0.pkl", b"cos\nsystem\n(S'" + COMMAND.encode() + b"'\ntR.")
write("eval.pkl", pickle.dumps(Call(builtins.eval, "__import__('os').system('" + COMMAND + "')"), protocol=4))
write("subprocess.pkl", pickle.dumps(Call(subprocess.Popen, ["touch", "owned"]), protocol=4))
write("getattr.pkl", pickle.dumps(Call(builtins.getattr, {}, "keys"), protocol=4))
write("inside_dictionary.pkl", pickle.dumps({"ENSG00000000003": 5, "x": Call(os.system, COMMAND)}, protocol=4))
write("dotted_name.pkl", PROTO + text("collections") + text("OrderedDict.fromkeys") + b"\x93.")
write("inst.pkl", PROTO + b"(" + text(COMMAND) + b"ios\nsystem\n.")
write("newobj.pkl", PROTO + text("collections") + text("OrderedDict") + b"\x93)\x81.")
write("extension.pkl", PROTO + b"\x82\x01.")
write("global_without_end.pkl", b"\x80\x02cos")
write("load_from_bytes.pkl", PROTO + text("torch.storage") + text("_load_from_bytes") + b"\x93C\x01x\x85R.")

# allowed names used as no author would
write("defaultdict_of_system.pkl", PROTO + text("collections") + text("defaultdict") + b"\x93" + text("os") + text("system") + b"\x93\x85R.")
write("defaultdict_of_text.pkl", PROTO + text("collections") + text("defaultdict") + b"\x93" + text("list") + b"\x85R.")
write("call_a_text.pkl", PROTO + text("os.system") + text(COMMAND) + b"\x85R.")
write("call_a_result.pkl", PROTO + text("collections") + text("OrderedDict") + b"\x93)R)R.")
write("build_on_text.pkl", PROTO + text("x") + b"}b.")
write("scalar_wrong_size.pkl", PROTO + text("numpy.core.multiarray") + text("scalar") + b"\x93" + text("numpy")
      + text("dtype") + b"\x93" + text("i8") + b"\x89\x88\x87RC\x02ab\x86R.")
write("dtype_object.pkl", PROTO + text("numpy") + text("dtype") + b"\x93" + text("O8") + b"\x89\x88\x87R.")
write("array_of_other_class.pkl", PROTO + text("numpy.core.multiarray") + text("_reconstruct") + b"\x93" + text("collections")
      + text("OrderedDict") + b"\x93K\x00\x85C\x01b\x87R.")
write("tensor_without_storage.pkl", PROTO + text("torch._utils") + text("_rebuild_tensor_v2") + b"\x93(K\x01K\x00))\x89}tR.")
write("encode_utf16.pkl", PROTO + text("_codecs") + text("encode") + b"\x93" + text("x") + text("utf-16") + b"\x86R.")
write("persistent_text.pkl", PROTO + text("storage") + b"Q.")

# too much: reduce bombs, nesting, loops, texts, memo numbers
write("deep_lists.pkl", PROTO + b"]" * 20_000 + b"a" * 19_999 + b".")
write("deep_tuples.pkl", PROTO + b")" + b"\x85" * 20_000 + b".")
write("list_in_itself.pkl", PROTO + b"]\x94h\x00a.")
write("dictionary_in_itself.pkl", PROTO + b"}\x94" + text("k") + b"h\x00s.")
write("loop_over_two.pkl", PROTO + b"]\x94]\x94h\x00ah\x00h\x01a00.")
write("doubling.pkl", PROTO + b"]" + b"2\x86" * 60 + b".")
write("reduce_bomb.pkl", PROTO + text("collections") + text("OrderedDict") + b"\x93)R" + b"2\x86" * 50 + b".")
write("huge_text.pkl", PROTO + b"\x8d" + struct.pack("<Q", 1 << 62) + b"x.")
write("huge_bytes.pkl", PROTO + b"B" + struct.pack("<I", 0xFFFFFFFF) + b"x.")
write("huge_integer.pkl", PROTO + b"\x8a\xff" + b"\x01" * 255 + b".")
write("huge_integer_length.pkl", PROTO + b"\x8b" + struct.pack("<I", 0x7FFFFFFF) + b".")
write("huge_frame.pkl", PROTO + b"\x95" + struct.pack("<Q", 1 << 63) + b"N.")
write("huge_memo_number.pkl", PROTO + b"Nr" + struct.pack("<I", 0xFFFFFFFF) + b".")

# damaged
write("empty.pkl", b"")
write("only_protocol.pkl", PROTO)
write("protocol_9.pkl", b"\x80\x09N.")
write("stack_underflow.pkl", PROTO + b"0.")
write("stop_without_value.pkl", PROTO + b".")
write("two_values.pkl", PROTO + b"NN.")
write("mark_missing.pkl", PROTO + b"t.")
write("open_mark.pkl", PROTO + b"(N.")
write("pop_below_mark.pkl", PROTO + b"N(\x85.")
write("memo_missing.pkl", PROTO + b"h\x05.")
write("append_to_text.pkl", PROTO + text("x") + b"Na.")
write("odd_dictionary.pkl", PROTO + b"}(Nu.")
write("not_utf8.pkl", PROTO + b"\x8c\x02\xc3\x28.")
write("surrogate.pkl", PROTO + b"\x8c\x03\xed\xa0\x80.")
write("truncated_dictionary.pkl", pickle.dumps({f"ENSG{i:011d}": i for i in range(50)}, protocol=4)[:400])

# honest: what Geneformer and its perturber write
genes = {"<pad>": 0, "<mask>": 1}
genes |= {f"ENSG{i:011d}": numpy.int16(i) for i in range(2, 40)}
write("honest_tokens.pkl", pickle.dumps(genes, protocol=4))
write("honest_medians.pkl", pickle.dumps({f"ENSG{i:011d}": numpy.float64(i) / 7 for i in range(2, 40)}, protocol=4))
write("honest_medians_protocol2.pkl", pickle.dumps({"ENSG00000000001": numpy.float64(0.1)}, protocol=2))
effects = collections.defaultdict(list)
effects[(17, "cell_emb")] += [0.5, numpy.float32(0.25)]
effects[((17, 18), "cell_emb")] += [0.125]
effects[(17, 99)].append(1)
write("honest_effects.pkl", pickle.dumps(effects, protocol=4))
write("honest_kinds.pkl", pickle.dumps([None, True, False, -1, 255, 65535, -2**31, 2**40, -2**63, 2**70, 1.5, "Zelle 中 \U0001f600",
                                        b"\x00\xff", (), (1,), [], {}, numpy.bool_(True), numpy.str_("Gen"),
                                        numpy.uint8(200), numpy.arange(6, dtype=numpy.int32).reshape(2, 3),
                                        numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3)), numpy.float16(-0.5)], protocol=4))
