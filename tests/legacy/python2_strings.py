"""Pickles of Python 2.7 with text and bytes in one value: (name, protocol) → bytes. Classes are of ``shop``."""

# ruff: noqa: E501
# fmt: off

MIXED = {
    ('ascii_photo', 0): b"ccopy_reg\n_reconstructor\np0\n(cshop\nPhoto\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\nS'raw'\np6\nS'plain'\np7\nsS'name'\np8\ng8\nsS'tags'\np9\n(lp10\nS't'\np11\nasb.",
    ('ascii_photo', 1): b'ccopy_reg\n_reconstructor\nq\x00(cshop\nPhoto\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04}q\x05(U\x03rawq\x06U\x05plainq\x07U\x04nameq\x08h\x08U\x04tagsq\t]q\nU\x01tq\x0baub.',
    ('ascii_photo', 2): b'\x80\x02cshop\nPhoto\nq\x00)\x81q\x01}q\x02(U\x03rawq\x03U\x05plainq\x04U\x04nameq\x05h\x05U\x04tagsq\x06]q\x07U\x01tq\x08aub.',
    ('nested', 0): b"ccopy_reg\n_reconstructor\np0\n(cshop\nPhoto\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\nS'raw'\np6\n(dp7\nS'k'\np8\nS'\\xff'\np9\nssS'name'\np10\nS'n'\np11\nsS'tags'\np12\n(lp13\ng0\n(g1\ng2\nNtp14\nRp15\n(dp16\ng6\nS'\\xfe'\np17\nsg10\nS'\\xc3\\xa9'\np18\nsg12\nNsbasb.",
    ('nested', 1): b'ccopy_reg\n_reconstructor\nq\x00(cshop\nPhoto\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04}q\x05(U\x03rawq\x06}q\x07U\x01kq\x08U\x01\xffq\tsU\x04nameq\nU\x01nq\x0bU\x04tagsq\x0c]q\rh\x00(h\x01h\x02Ntq\x0eRq\x0f}q\x10(h\x06U\x01\xfeq\x11h\nU\x02\xc3\xa9q\x12h\x0cNubaub.',
    ('nested', 2): b'\x80\x02cshop\nPhoto\nq\x00)\x81q\x01}q\x02(U\x03rawq\x03}q\x04U\x01kq\x05U\x01\xffq\x06sU\x04nameq\x07U\x01nq\x08U\x04tagsq\t]q\nh\x00)\x81q\x0b}q\x0c(h\x03U\x01\xfeq\rh\x07U\x02\xc3\xa9q\x0eh\tNubaub.',
    ('old', 0): b"(ishop\nOld\np0\n(dp1\nS'raw'\np2\nS'\\xff\\x00'\np3\nsS'name'\np4\nS'caf\\xe9'\np5\nsb.",
    ('old', 1): b'(cshop\nOld\nq\x00oq\x01}q\x02(U\x03rawq\x03U\x02\xff\x00q\x04U\x04nameq\x05U\x04caf\xe9q\x06ub.',
    ('old', 2): b'\x80\x02(cshop\nOld\nq\x00oq\x01}q\x02(U\x03rawq\x03U\x02\xff\x00q\x04U\x04nameq\x05U\x04caf\xe9q\x06ub.',
    ('ordered', 0): b"ccopy_reg\n_reconstructor\np0\n(cshop\nPhoto\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\nS'raw'\np6\nccollections\nOrderedDict\np7\n((lp8\n(lp9\nS'a'\np10\naS'\\xff'\np11\naatp12\nRp13\nsS'name'\np14\nS'n'\np15\nsS'tags'\np16\nccollections\ndefaultdict\np17\n(c__builtin__\nlist\np18\ntp19\nRp20\nS'x'\np21\n(lp22\nS'\\xc3\\xa9'\np23\nassb.",
    ('ordered', 1): b'ccopy_reg\n_reconstructor\nq\x00(cshop\nPhoto\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04}q\x05(U\x03rawq\x06ccollections\nOrderedDict\nq\x07(]q\x08]q\t(U\x01aq\nU\x01\xffq\x0beatq\x0cRq\rU\x04nameq\x0eU\x01nq\x0fU\x04tagsq\x10ccollections\ndefaultdict\nq\x11(c__builtin__\nlist\nq\x12tq\x13Rq\x14U\x01xq\x15]q\x16U\x02\xc3\xa9q\x17asub.',
    ('ordered', 2): b'\x80\x02cshop\nPhoto\nq\x00)\x81q\x01}q\x02(U\x03rawq\x03ccollections\nOrderedDict\nq\x04]q\x05]q\x06(U\x01aq\x07U\x01\xffq\x08ea\x85q\tRq\nU\x04nameq\x0bU\x01nq\x0cU\x04tagsq\rccollections\ndefaultdict\nq\x0ec__builtin__\nlist\nq\x0f\x85q\x10Rq\x11U\x01xq\x12]q\x13U\x02\xc3\xa9q\x14asub.',
    ('photo', 0): b"ccopy_reg\n_reconstructor\np0\n(cshop\nPhoto\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\nS'raw'\np6\nS'\\x89PNG\\xff'\np7\nsS'name'\np8\nS'caf\\xc3\\xa9'\np9\nsS'tags'\np10\n(lp11\nS'a'\np12\naS'b\\xc3\\xbc'\np13\nasb.",
    ('photo', 1): b'ccopy_reg\n_reconstructor\nq\x00(cshop\nPhoto\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04}q\x05(U\x03rawq\x06U\x05\x89PNG\xffq\x07U\x04nameq\x08U\x05caf\xc3\xa9q\tU\x04tagsq\n]q\x0b(U\x01aq\x0cU\x03b\xc3\xbcq\reub.',
    ('photo', 2): b'\x80\x02cshop\nPhoto\nq\x00)\x81q\x01}q\x02(U\x03rawq\x03U\x05\x89PNG\xffq\x04U\x04nameq\x05U\x05caf\xc3\xa9q\x06U\x04tagsq\x07]q\x08(U\x01aq\tU\x03b\xc3\xbcq\neub.',
    ('point', 0): b"ccopy_reg\n_reconstructor\np0\n(cshop\nPoint\np1\nc__builtin__\ntuple\np2\n(S'\\xff'\np3\nS'caf\\xe9'\np4\ntp5\ntp6\nRp7\n.",
    ('point', 1): b'ccopy_reg\n_reconstructor\nq\x00(cshop\nPoint\nq\x01c__builtin__\ntuple\nq\x02(U\x01\xffq\x03U\x04caf\xe9q\x04tq\x05tq\x06Rq\x07.',
    ('point', 2): b'\x80\x02cshop\nPoint\nq\x00U\x01\xffq\x01U\x04caf\xe9q\x02\x86q\x03\x81q\x04.',
    ('rows', 0): b"(lp0\n(dp1\nS'photo'\np2\nS'\\xff\\x01'\np3\nsS'sub'\np4\n(dp5\nS'k\\xe9y'\np6\nS'v'\np7\nssS'title'\np8\nS'caf\\xe9'\np9\nsa(dp10\ng2\nS'x'\np11\nsg4\n(dp12\nsg8\nV\\u20ac\np13\nsa.",
    ('rows', 1): b']q\x00(}q\x01(U\x05photoq\x02U\x02\xff\x01q\x03U\x03subq\x04}q\x05U\x03k\xe9yq\x06U\x01vq\x07sU\x05titleq\x08U\x04caf\xe9q\tu}q\n(h\x02U\x01xq\x0bh\x04}q\x0ch\x08X\x03\x00\x00\x00\xe2\x82\xacq\rue.',
    ('rows', 2): b'\x80\x02]q\x00(}q\x01(U\x05photoq\x02U\x02\xff\x01q\x03U\x03subq\x04}q\x05U\x03k\xe9yq\x06U\x01vq\x07sU\x05titleq\x08U\x04caf\xe9q\tu}q\n(h\x02U\x01xq\x0bh\x04}q\x0ch\x08X\x03\x00\x00\x00\xe2\x82\xacq\rue.',
    ('shared_fields', 0): b"ccopy_reg\n_reconstructor\np0\n(cshop\nPhoto\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\nS'raw'\np6\n(lp7\nS'caf\\xe9'\np8\nasS'name'\np9\ng7\nsS'tags'\np10\nNsb.",
    ('shared_fields', 1): b'ccopy_reg\n_reconstructor\nq\x00(cshop\nPhoto\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04}q\x05(U\x03rawq\x06]q\x07U\x04caf\xe9q\x08aU\x04nameq\th\x07U\x04tagsq\nNub.',
    ('shared_fields', 2): b'\x80\x02cshop\nPhoto\nq\x00)\x81q\x01}q\x02(U\x03rawq\x03]q\x04U\x04caf\xe9q\x05aU\x04nameq\x06h\x04U\x04tagsq\x07Nub.',
    ('slotted', 0): b"ccopy_reg\n_reconstructor\np0\n(cshop\nSlotted\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(N(dp5\nS'raw'\np6\nS'\\xff'\np7\nsS'name'\np8\nS'caf\\xe9'\np9\nstp10\nb.",
    ('slotted', 1): b'ccopy_reg\n_reconstructor\nq\x00(cshop\nSlotted\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04(N}q\x05(U\x03rawq\x06U\x01\xffq\x07U\x04nameq\x08U\x04caf\xe9q\tutq\nb.',
    ('slotted', 2): b'\x80\x02cshop\nSlotted\nq\x00)\x81q\x01N}q\x02(U\x03rawq\x03U\x01\xffq\x04U\x04nameq\x05U\x04caf\xe9q\x06u\x86q\x07b.',
    ('stated', 0): b"ccopy_reg\n_reconstructor\np0\n(cshop\nStated\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n((dp5\nS'raw'\np6\nS'\\xff'\np7\ns(dp8\nS'name'\np9\nS'caf\\xe9'\np10\nstp11\nb.",
    ('stated', 1): b'ccopy_reg\n_reconstructor\nq\x00(cshop\nStated\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04(}q\x05U\x03rawq\x06U\x01\xffq\x07s}q\x08U\x04nameq\tU\x04caf\xe9q\nstq\x0bb.',
    ('stated', 2): b'\x80\x02cshop\nStated\nq\x00)\x81q\x01}q\x02U\x03rawq\x03U\x01\xffq\x04s}q\x05U\x04nameq\x06U\x04caf\xe9q\x07s\x86q\x08b.',
}
