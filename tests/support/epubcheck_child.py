"""Runs EPUBCheck on several books in one Java machine: `epubcheck_child.py LIBJVM JAR BOOK REPORT BOOK REPORT …`.

EPUBCheck's own program takes one book, and of the ten seconds it takes for a small one, nine go into its schemas. Its
Java class keeps them for the next book. It is called here through the Java Native Interface, which every Java has.
"""

import sys
import threading
from collections.abc import Sequence
from ctypes import CDLL, CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_ubyte, c_void_p, cast
from typing import Any

_VERSION = 0x00010008
_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g")
_STACK = 64 << 20
"""Bytes. EPUBCheck calls itself once for each clip of an overlay."""


class _Option(Structure):
    _fields_ = [("text", c_char_p), ("extra", c_void_p)]


class _Arguments(Structure):
    _fields_ = [("version", c_int), ("count", c_int), ("options", POINTER(_Option)), ("lenient", c_ubyte)]


class Java:
    """The Java machine of this process. What a method throws is printed and raised as RuntimeError."""

    def __init__(self, library: str, options: Sequence[str]) -> None:
        given = (_Option * len(options))(*(_Option(option.encode(), None) for option in options))
        arguments = _Arguments(_VERSION, len(options), given, 0)
        machine, self._environment = c_void_p(), c_void_p()
        if status := CDLL(library).JNI_CreateJavaVM(byref(machine), byref(self._environment), byref(arguments)):
            raise RuntimeError(f"Java did not start: {status}")
        self._table = cast(self._environment, POINTER(POINTER(c_void_p))).contents

    def _call(self, place: int, result: Any, *values: tuple[Any, Any]) -> Any:
        """Call the function at this place of the interface's table: JNI specification, chapter 4."""
        prototype = CFUNCTYPE(result, c_void_p, *(kind for kind, _ in values))
        return prototype(self._table[place])(self._environment, *(value for _, value in values))

    def _checked(self, answer: Any) -> Any:
        if self._call(228, c_ubyte):  # ExceptionCheck
            self._call(16, None)  # ExceptionDescribe
            raise RuntimeError("Java threw an exception")
        return answer

    def find(self, name: str) -> int:
        """A class: FindClass."""
        return int(self._checked(self._call(6, c_void_p, (c_char_p, name.encode()))))

    def method(self, owner: int, name: str, signature: str) -> int:
        """A method of a class: GetMethodID."""
        names = (c_char_p, name.encode()), (c_char_p, signature.encode())
        return int(self._checked(self._call(33, c_void_p, (c_void_p, owner), *names)))

    def new(self, owner: int) -> int:
        """An object made without arguments: NewObjectA."""
        made = self.method(owner, "<init>", "()V")
        return int(self._checked(self._call(30, c_void_p, (c_void_p, owner), (c_void_p, made), (c_void_p, None))))

    def strings(self, texts: Sequence[str]) -> int:
        """An array: NewObjectArray, NewStringUTF and SetObjectArrayElement."""
        kind = (c_void_p, self.find("java/lang/String"))
        array = int(self._checked(self._call(172, c_void_p, (c_int, len(texts)), kind, (c_void_p, None))))
        for place, text in enumerate(texts):
            string = self._checked(self._call(167, c_void_p, (c_char_p, text.encode())))
            self._checked(self._call(174, None, (c_void_p, array), (c_int, place), (c_void_p, string)))
        return array

    def integer(self, target: int, method: int, argument: int) -> int:
        """What a method with one object as its argument answers: CallIntMethodA."""
        arguments = (c_void_p * 1)(argument)
        values = (c_void_p, target), (c_void_p, method), (c_void_p, cast(arguments, c_void_p))
        return int(self._checked(self._call(51, c_int, *values)))


def check(library: str, jar: str, *files: str) -> None:
    """Write a report, in JSON, for each of the books; `files` are book, report, book, report …"""
    java = Java(library, (f"-Djava.class.path={jar}", *_OPTIONS))
    checker = java.find("com/adobe/epubcheck/tool/EpubChecker")
    run = java.method(checker, "run", "([Ljava/lang/String;)I")
    for book, report in zip(files[::2], files[1::2], strict=True):
        java.integer(java.new(checker), run, java.strings((book, "--json", report, "--quiet")))


if __name__ == "__main__":
    threading.stack_size(_STACK)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            check(*sys.argv[1:])
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    sys.exit(str(failed[0]) if failed else 0)
