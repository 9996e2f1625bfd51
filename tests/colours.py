"""How far apart two colours are: contrast, and what colour-blind readers see of them.

A colour is a hexadecimal code or matplotlib's RGB(A); `linear` light is what adds up.
"""

import numpy as np
from matplotlib.colors import to_rgb

# Machado, Oliveira & Fernandes 2009 (doi 10.1109/TVCG.2009.113), table of matrices at
# severity 1; each is applied to linear RGB.
COLOUR_BLIND = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}

# IEC 61966-2-1: linear sRGB to CIE XYZ, white D65.
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(colour) -> np.ndarray:
    """Linear RGB of a colour, or of an array of sRGB values from 0 to 1."""
    srgb = np.asarray(to_rgb(colour) if isinstance(colour, str) else colour, dtype=float)[..., :3]
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other) -> float | np.ndarray:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    lights = [linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other)]
    return (np.maximum(*lights) + 0.05) / (np.minimum(*lights) + 0.05)


def distance(one, other, vision: str | None = None) -> float:
    """CIE 1976 distance of two colours in L*a*b*, as a colour-blind reader sees them."""
    seen = np.array(COLOUR_BLIND[vision]) if vision else np.eye(3)
    return float(np.linalg.norm(_lab(seen @ linear(one)) - _lab(seen @ linear(other))))


def _lab(light) -> np.ndarray:
    ratio = _TO_XYZ @ np.clip(light, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
