"""Experimental orchestration (to be split)."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


def load():
    lib = ctypes.CDLL(str(Path(__file__).with_name("_kernel.so")))
    return lib

LIB = load()

@dataclass(frozen=True)
class Settings:
    coarse_iters: int = 12
    fine_iters: int = 2
    mid_iters: int = 4
    pm_iters: int = 2
    conf: float = 1.3
    sharp: float = 2.0
    coarsest: int = 20
    tex: float = 2.0
    extra: dict = field(default_factory=dict)

def ptr(a):
    assert a.flags.c_contiguous
    return ctypes.c_void_p(a.ctypes.data)

def box_any(m, r):
    """dilate by (2r+1)^2 box"""
    out = m.copy()
    for _ in range(r):
        o = out.copy()
        o[1:] |= out[:-1]; o[:-1] |= out[1:]
        out = o.copy()
        out[:, 1:] |= o[:, :-1]; out[:, :-1] |= o[:, 1:]
    return out

def down(feat, known, hole, counts):
    h, w = known.shape
    H, W = (h + 1) // 2, (w + 1) // 2
    wt = np.zeros((2 * H + 2, 2 * W + 2), np.float32)
    wt[1:h + 1, 1:w + 1] = known
    f = np.zeros((2 * H + 2, 2 * W + 2, 8), np.float32)
    f[1:h + 1, 1:w + 1] = feat * known[..., None]
    k = np.array([1, 3, 3, 1], np.float32) / 8
    def red(a):
        b = sum(k[i] * a[i:i + 2 * H - 1 + 0 or None:2][:H] for i in range(4))
        return sum(k[i] * b[:, i::2][:, :W] for i in range(4))
    def red2(a):
        b = sum(k[i] * a[i::2][:H] for i in range(4))
        return sum(k[i] * b[:, i::2][:, :W] for i in range(4))
    sw, sf = red2(wt), red2(f)
    cw = np.zeros_like(wt); cw[1:h+1, 1:w+1] = counts
    hw = np.zeros_like(wt); hw[1:h+1, 1:w+1] = hole
    sh = red2(hw); sc = red2(cw)
    K = (sw > 0.5 * sc) & (sc > 0)
    F = np.where(K[..., None], sf / np.maximum(sw, 1e-6)[..., None], 0)
    Hh = ~K & (sh > 0)
    return np.rint(F).astype(np.uint8), K, Hh, (K | Hh)

def texture(grey, known, r=3):
    gx = np.zeros_like(grey); gy = np.zeros_like(grey)
    kx = np.zeros(grey.shape, np.float32); ky = np.zeros(grey.shape, np.float32)
    kk = known[:, 1:] & known[:, :-1]
    gx[:, :-1] = np.abs(grey[:, 1:] - grey[:, :-1]) * kk; kx[:, :-1] = kk
    kk = known[1:] & known[:-1]
    gy[:-1] = np.abs(grey[1:] - grey[:-1]) * kk; ky[:-1] = kk
    def box(a):
        for ax in (0, 1):
            c = np.cumsum(np.pad(a, [(r + 1, r) if i == ax else (0, 0) for i in (0, 1)]), axis=ax, dtype=np.float64)
            n = a.shape[ax]
            a = (np.take(c, range(2 * r + 1, 2 * r + 1 + n), ax) - np.take(c, range(0, n), ax)).astype(np.float32)
        return a
    return box(gx) / np.maximum(box(kx), 1e-3), box(gy) / np.maximum(box(ky), 1e-3)

def pull_push(feat, known):
    f = feat.astype(np.float32) * known[..., None]; w = known.astype(np.float32)
    pyr = []
    while w.min() <= 0 and min(w.shape) > 1:
        pyr.append((f, w))
        h, ww = w.shape
        H, W = (h + 1) // 2, (ww + 1) // 2
        f2 = np.zeros((2 * H, 2 * W, f.shape[2]), np.float32); f2[:h, :ww] = f
        w2 = np.zeros((2 * H, 2 * W), np.float32); w2[:h, :ww] = w
        f = f2.reshape(H, 2, W, 2, -1).mean((1, 3)); w = w2.reshape(H, 2, W, 2).mean((1, 3))
        w = np.where(w < 1e-3, 0, w)
    g = f / np.maximum(w, 1e-6)[..., None]
    for f, w in reversed(pyr):
        g = np.repeat(np.repeat(g, 2, 0), 2, 1)[:w.shape[0], :w.shape[1]]
        g = np.where(w[..., None] > 0, f / np.maximum(w, 1e-6)[..., None], g)
    return g

def distance_in(hole, limit=60):
    """chessboard-ish distance to the outside"""
    d = np.zeros(hole.shape, np.float32)
    cur = hole.copy(); n = 0
    while cur.any() and n < limit:
        d[cur] += 1; n += 1
        e = cur.copy()
        e[1:] &= cur[:-1]; e[:-1] &= cur[1:]; e[:, 1:] &= cur[:, :-1]; e[:, :-1] &= cur[:, 1:]
        cur = e
    return d

def synth(proxy, known, hole, seed=0, st=Settings(), threads=2, cancel=None):
    h, w = hole.shape
    counts = known | hole
    feat = np.zeros((h, w, 8), np.uint8)
    feat[..., :4] = proxy
    grey = proxy[..., :3].astype(np.float32) @ np.float32([.3, .59, .11])
    tx, ty = texture(grey, known, 3)
    feat[..., 4] = np.clip(tx * st.tex, 0, 255); feat[..., 5] = np.clip(ty * st.tex, 0, 255)
    feat[~known] = 0
    levels = [(feat, known, hole, counts)]
    while min(levels[-1][1].shape) > st.coarsest and (distance_in(levels[-1][2]).max() > st.extra.get('thick', 4) or levels[-1][1].size > 20000):
        levels.append(down(*levels[-1]))
    nn = None
    zero = cancel.flag if cancel is not None else ctypes.c_int32(0)
    for li in range(len(levels) - 1, -1, -1):
        if cancel is not None: cancel.report(0.9*0.5**li*(1-0.5), f"level {li}")
        F, K, Hh, C = levels[li]
        hh, ww = K.shape
        src = ~box_any(np.pad(~K, 3, constant_values=True), 3)[3:-3, 3:-3]
        tmask = box_any(Hh, 3) & C
        targets = np.flatnonzero(tmask).astype(np.int32)
        holes = np.flatnonzero(Hh).astype(np.int32)
        F = np.concatenate([F.reshape(-1), np.zeros(64, np.uint8)])
        V = F[:hh * ww * 8].reshape(hh, ww, 8)
        Cu = C.astype(np.uint8); Su = src.astype(np.uint8)
        nnf = np.full(hh * ww, -1, np.int32); cost = np.zeros(hh * ww, np.int32)
        trust = (st.conf ** -distance_in(box_any(Hh, 3), 40)).astype(np.float32)
        def vote(sharp=st.sharp):
            LIB.inlay_vote(ww, hh, ptr(F), ptr(holes), len(holes), ptr(nnf), ptr(cost), ptr(trust), ctypes.c_float(sharp), threads, ctypes.byref(zero))
        sd = ctypes.c_uint64(seed * 1000003 + li * 7919)
        if nn is None:
            V[Hh] = np.rint(pull_push(V, K))[Hh]
            places = np.flatnonzero(src).astype(np.int32)
            for it in range(st.coarse_iters):
                LIB.inlay_match_all(ww, hh, ptr(F), ptr(Cu), ptr(targets), len(targets), ptr(places), len(places), ptr(nnf), ptr(cost), threads, ctypes.byref(zero))
                vote()
        else:
            pn, pF, pw, ph = nn
            ty_, tx_ = targets // ww, targets % ww
            q = np.minimum(ty_ // 2, ph - 1) * pw + np.minimum(tx_ // 2, pw - 1)
            s = pn[q]
            sy, sx = 2 * (s // pw) + ty_ % 2, 2 * (s % pw) + tx_ % 2
            ok = (s >= 0) & (sy < hh) & (sx < ww)
            sy[~ok] = 0; sx[~ok] = 0
            ok &= src[sy, sx]
            nnf[targets[ok]] = (sy * ww + sx)[ok]
            yy, xx = holes // ww, holes % ww
            V.reshape(-1, 8)[holes] = pF.reshape(-1, 8)[np.minimum(yy // 2, ph - 1) * pw + np.minimum(xx // 2, pw - 1)]
            vote()
            n = st.fine_iters if li == 0 else st.mid_iters
            for it in range(n):
                LIB.inlay_match(ww, hh, ptr(F), ptr(Cu), ptr(Su), ptr(targets), len(targets), ptr(nnf), ptr(cost), st.pm_iters, max(ww, hh) if li > 1 else 64, ctypes.c_uint64(sd.value + it), threads, ctypes.byref(zero))
                vote()
        nn = (nnf, V, ww, hh)
    # final match, copy
    return nnf, V, cost

def fill_rgb(rgb, hole, seed=0, st=Settings(), threads=2):
    known = ~hole
    proxy = np.zeros((*hole.shape, 4), np.uint8); proxy[..., :3] = rgb; proxy[..., 3] = 255
    proxy[hole] = 0
    nnf, V, cost = synth(proxy, known, hole, seed, st, threads)
    out = rgb.copy()
    hi = np.flatnonzero(hole)
    if st.extra.get('vote'):
        out[hole] = V[..., :3][hole]
    else:
        out.reshape(-1, 3)[hi] = rgb.reshape(-1, 3)[nnf[hi]]
    return out

def compose(part, proxy, known, hole, seed, threads, watch):
    import os
    nnf, V, cost = synth(proxy, known, hole, seed, Settings(), threads or os.cpu_count() or 1, watch)
    out = part.copy()
    hi = np.flatnonzero(hole)
    flat = part.reshape(-1, part.shape[2])
    out.reshape(-1, part.shape[2])[hi] = flat[nnf[hi]]
    watch.report(1.0, "done")
    return out
